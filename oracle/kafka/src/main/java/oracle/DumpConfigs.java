package oracle;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.regex.Pattern;

/**
 * Prints every key of the ConfigDefs of the Kafka that is on the class path, one line per scope and key, tab-separated:
 * scope, name, type, default, validator, importance, flags ("internal", "deprecated", "internal,deprecated" or "-").
 *
 * <p>Everything is reached by reflection, so one compiled program serves all releases: KafkaConfig and LogConfig are
 * Scala objects in the old ones and Java classes in the new ones. Nothing is started and nothing is read but classes.
 */
public final class DumpConfigs {
    private static final Pattern DEPRECATED_DOC = Pattern.compile(
        "^\\W*deprecated\\b|\\bthis config(uration)? (is|has been) deprecated\\b", Pattern.CASE_INSENSITIVE);

    private static final String ANY_CASE = "(case insensitive) [";

    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(args[0], StandardCharsets.UTF_8);
        Map<String, int[]> constants = constants();
        dump(out, "server", serverDef(), constants);
        dump(out, "topic", topicDef(), constants);
        dump(out, "producer", staticDef("org.apache.kafka.clients.producer.ProducerConfig"), constants);
        dump(out, "consumer", staticDef("org.apache.kafka.clients.consumer.ConsumerConfig"), constants);
        dump(out, "admin", staticDef("org.apache.kafka.clients.admin.AdminClientConfig"), constants);
        if (out.checkError()) {
            throw new IOException("could not write " + args[0]);
        }
        out.close();
        // Some releases leave a metrics thread behind when their configuration classes are initialised.
        System.exit(0);
    }

    // ---- where each ConfigDef is kept ------------------------------------------------------------------------

    private static Object serverDef() throws Exception {
        return fromClasses("kafka.server.KafkaConfig$", "kafka.server.KafkaConfig",
            "org.apache.kafka.server.config.AbstractKafkaConfig");
    }

    private static Object topicDef() throws Exception {
        return fromClasses("org.apache.kafka.storage.internals.log.LogConfig", "kafka.log.LogConfig$", "kafka.log.LogConfig");
    }

    private static Object staticDef(String name) throws Exception {
        return fromClasses(name);
    }

    /** The ConfigDef held by the first of these classes that has one: a field or a getter, static or of the Scala object. */
    private static Object fromClasses(String... names) throws Exception {
        Class<?> configDef = Class.forName("org.apache.kafka.common.config.ConfigDef");
        for (String name : names) {
            Class<?> type;
            try {
                type = Class.forName(name);
            } catch (ClassNotFoundException e) {
                continue;
            }
            Object module = moduleOf(type);
            // A client or LogConfig may hold several (SERVER_CONFIG_DEF): take the one with the most usual name.
            for (String field : new String[] {"CONFIG", "CONFIG_DEF", "configDef"}) {
                for (Field f : type.getDeclaredFields()) {
                    if (f.getName().equals(field) && configDef.isAssignableFrom(f.getType()) && open(f)) {
                        Object owner = Modifier.isStatic(f.getModifiers()) ? null : module;
                        if (owner != null || Modifier.isStatic(f.getModifiers())) {
                            Object def = f.get(owner);
                            if (def != null) {
                                return def;
                            }
                        }
                    }
                }
            }
            for (String method : new String[] {"configDef", "configDefCopy"}) {
                for (Method m : type.getDeclaredMethods()) {
                    boolean reachable = Modifier.isStatic(m.getModifiers()) || module != null;
                    if (m.getName().equals(method) && m.getParameterCount() == 0 && reachable
                            && configDef.isAssignableFrom(m.getReturnType()) && open(m)) {
                        return m.invoke(module);
                    }
                }
            }
        }
        throw new IllegalStateException("no ConfigDef in " + String.join(", ", names));
    }

    private static Object moduleOf(Class<?> type) throws Exception {
        for (Field f : type.getDeclaredFields()) {
            if (f.getName().equals("MODULE$") && open(f)) {
                return f.get(null);
            }
        }
        return null;
    }

    private static boolean open(AccessibleObject member) {
        return member.trySetAccessible();
    }

    // ---- one ConfigDef ---------------------------------------------------------------------------------------

    private static void dump(PrintStream out, String scope, Object def, Map<String, int[]> constants) throws Exception {
        Class<?> configDef = Class.forName("org.apache.kafka.common.config.ConfigDef");
        Object noDefault = configDef.getField("NO_DEFAULT_VALUE").get(null);
        Class<?> typeClass = Class.forName("org.apache.kafka.common.config.ConfigDef$Type");
        Method convert = configDef.getMethod("convertToString", Object.class, typeClass);
        Map<?, ?> keys = new TreeMap<>((Map<?, ?>) configDef.getMethod("configKeys").invoke(def));
        for (Object key : keys.values()) {
            String name = (String) get(key, "name");
            Object type = get(key, "type");
            Object value = get(key, "defaultValue");
            String text = value == noDefault ? "<required>" : value == null ? "<null>" : (String) convert.invoke(null, classNames(value), type);
            String flags = Boolean.TRUE.equals(get(key, "internalConfig")) ? "internal" : "";
            if (deprecated(name, (String) get(key, "documentation"), constants)) {
                flags += flags.isEmpty() ? "deprecated" : ",deprecated";
            }
            out.print(String.join("\t", scope, escape(name), type.toString(), escape(text), escape(validator(name, get(key, "validator"))),
                get(key, "importance").toString(), flags.isEmpty() ? "-" : flags) + "\n");
        }
    }

    /** A default list of classes by their names: ConfigDef itself would print "class a.B,class a.C". */
    private static Object classNames(Object value) {
        if (value instanceof List<?> list) {
            return list.stream().map(e -> e instanceof Class<?> c ? c.getName() : e).toList();
        }
        return value;
    }

    /**
     * The validator's own text, and what the text hides: whether a ValidList of 4.2 or later may be empty, and whether
     * a validator of its own kind takes its words in any case.
     */
    private static String validator(String name, Object validator) throws Exception {
        if (validator == null) {
            return "";
        }
        Class<?> type = validator.getClass();
        if (type.getName().equals("org.apache.kafka.common.config.ConfigDef$ValidList")) {
            Object allowed = null;
            Boolean empty = null;
            for (Field f : type.getDeclaredFields()) {
                if (!open(f)) {
                    continue;
                }
                if (f.getName().equals("validString")) {
                    allowed = f.get(validator);
                } else if (f.getName().equals("isEmptyAllowed")) {
                    empty = (Boolean) f.get(validator);
                }
            }
            if (empty != null) {
                String list = "";
                for (Field f : allowed.getClass().getDeclaredFields()) {
                    if (f.getName().equals("validStrings") && open(f)) {
                        Collection<?> strings = (Collection<?>) f.get(allowed);
                        list = strings.isEmpty() ? "" : strings + " ";
                    }
                }
                return list + (empty ? "(no empty elements)" : "(not empty, no empty elements)");
            }
        }
        String text = validator.toString();
        if (text.startsWith(ANY_CASE) && text.endsWith("]")) {
            // Its elements come in the order of a hash set.
            String[] elements = text.substring(ANY_CASE.length(), text.length() - 1).split(", ");
            Arrays.sort(elements);
            return ANY_CASE + String.join(", ", elements) + "]";
        }
        if (text.startsWith("[") && text.endsWith("]") && !text.contains("...") && takesUpperCase(name, validator, text)) {
            return ANY_CASE + text.substring(1);
        }
        // A class without a toString of its own says nothing but where it lives in memory.
        return text.isEmpty() || text.matches("(?s).*@[0-9a-f]+$") ? "(undescribed)" : text;
    }

    /** Whether the first word with a small letter passes in capitals too. */
    private static boolean takesUpperCase(String name, Object validator, String words) throws Exception {
        Method ensureValid = Class.forName("org.apache.kafka.common.config.ConfigDef$Validator")
            .getMethod("ensureValid", String.class, Object.class);
        open(ensureValid);
        for (String word : words.substring(1, words.length() - 1).split(", ")) {
            if (!word.equals(word.toUpperCase(Locale.ROOT))) {
                try {
                    ensureValid.invoke(validator, name, word.toUpperCase(Locale.ROOT));
                    return true;
                } catch (InvocationTargetException | ClassCastException e) {
                    return false;
                }
            }
        }
        return false;
    }

    /** Deprecated, by its documentation or because every constant that names it is. */
    private static boolean deprecated(String name, String doc, Map<String, int[]> constants) {
        int[] counts = constants.getOrDefault(name, new int[2]);
        return counts[0] > 0 && counts[1] == 0 || doc != null && DEPRECATED_DOC.matcher(doc).find();
    }

    private static Object get(Object owner, String field) throws Exception {
        return owner.getClass().getField(field).get(owner);
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r");
    }

    // ---- constants -------------------------------------------------------------------------------------------

    /** For each text that a constant of some …Config or …Configs class has: how many are @Deprecated, how many are not. */
    private static Map<String, int[]> constants() throws IOException {
        Map<String, int[]> counts = new HashMap<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            String file = new File(entry).getName();
            if (!file.endsWith(".jar") || !file.startsWith("kafka")) {
                continue;
            }
            try (JarFile jar = new JarFile(entry)) {
                jar.stream().map(e -> e.getName()).sorted()
                    .filter(n -> n.matches(".*Configs?\\$?\\.class"))
                    .forEach(n -> count(n.replace('/', '.').replaceAll("\\.class$", ""), counts));
            }
        }
        return counts;
    }

    private static void count(String className, Map<String, int[]> counts) {
        try {
            Class<?> type = Class.forName(className);
            Object module = moduleOf(type);
            for (Field f : type.getDeclaredFields()) {
                boolean isStatic = Modifier.isStatic(f.getModifiers());
                if (f.getType() != String.class || !Modifier.isFinal(f.getModifiers()) || !isStatic && module == null || !open(f)) {
                    continue;
                }
                Object value = f.get(isStatic ? null : module);
                if (value != null) {
                    counts.computeIfAbsent((String) value, k -> new int[2])[f.isAnnotationPresent(Deprecated.class) ? 0 : 1]++;
                }
            }
        } catch (Exception | LinkageError e) {
            // A class that needs an optional library has no constants for us.
        }
    }

    private DumpConfigs() {
    }
}
