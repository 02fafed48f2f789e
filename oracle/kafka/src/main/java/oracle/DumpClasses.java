package oracle;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;

/**
 * Prints every class of the Kafka clients on the class path that a setting may name, one a line: its name and, behind a tab, which of
 * the {@link #INTERFACES} it has. A class that cannot be made without arguments is none of them.
 */
public final class DumpClasses {
    private static final Set<String> INTERFACES = Set.of("AuthenticateCallbackHandler", "ConfigProvider", "ConsumerInterceptor",
        "ConsumerPartitionAssignor", "Deserializer", "JwtRetriever", "JwtValidator", "Login", "LoginModule", "MetricsReporter", "Partitioner",
        "ProducerInterceptor", "Serializer", "SslEngineFactory");

    public static void main(String[] args) throws Exception {
        Set<String> lines = new TreeSet<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (new File(entry).getName().startsWith("kafka-clients-")) {
                try (JarFile jar = new JarFile(entry)) {
                    List<String> names = jar.stream().map(e -> e.getName()).filter(n -> n.endsWith(".class")).toList();
                    names.forEach(name -> describe(name.replace('/', '.').substring(0, name.length() - 6), lines));
                }
            }
        }
        PrintStream out = new PrintStream(args[0], StandardCharsets.UTF_8);
        lines.forEach(line -> out.print(line + "\n"));
        if (out.checkError()) {
            throw new IOException("could not write " + args[0]);
        }
    }

    private static void describe(String name, Set<String> lines) {
        try {
            Class<?> type = Class.forName(name, false, DumpClasses.class.getClassLoader());
            Set<String> interfaces = new TreeSet<>();
            collect(type, interfaces);
            interfaces.retainAll(INTERFACES);
            if (interfaces.isEmpty() || type.isInterface() || Modifier.isAbstract(type.getModifiers())
                    || !Modifier.isPublic(type.getModifiers()) || !Modifier.isPublic(type.getDeclaredConstructor().getModifiers())) {
                return;
            }
            lines.add(name + "\t" + String.join(",", interfaces));
        } catch (ReflectiveOperationException | LinkageError e) {
            // It needs an optional library, or arguments.
        }
    }

    private static void collect(Class<?> type, Set<String> interfaces) {
        if (type != null) {
            interfaces.add(type.getSimpleName());
            collect(type.getSuperclass(), interfaces);
            for (Class<?> each : type.getInterfaces()) {
                collect(each, interfaces);
            }
        }
    }

    private DumpClasses() {
    }
}
