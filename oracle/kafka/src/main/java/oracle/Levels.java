package oracle;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Prints the levels of metadata.version and of the other features that the Kafka on the class path can format, one per line,
 * tab-separated: feature, level, name (of a metadata.version), {@code stable} or {@code unstable}, the metadata.version from which
 * on it is the default, what it needs.
 */
public final class Levels {
    private Levels() {
    }

    public static void main(String[] unused) throws Exception {
        Class<?> versions;
        try {
            versions = Class.forName("org.apache.kafka.server.common.MetadataVersion");
        } catch (ClassNotFoundException e) {
            // Up to 3.2 the tool writes no level.
            return;
        }
        for (Object version : versions.getEnumConstants()) {
            int level = level(version);
            // Below 3.0-IV1 there is no KRaft, and no level.
            if (level > 0) {
                print("metadata.version", level, call(version, "version").toString(), isProduction(version), "", "");
            }
        }
        for (Object feature : features()) {
            int stable = ((Number) call(feature, "latestProduction")).intValue();
            for (Object version : (Object[]) call(feature, "featureVersions")) {
                Map<?, ?> needs = new TreeMap<>((Map<?, ?>) call(version, "dependencies"));
                List<String> written = new ArrayList<>();
                needs.forEach((name, needed) -> written.add(name + "=" + needed));
                int from = level(call(version, "bootstrapMetadataVersion"));
                print(call(feature, "featureName").toString(), level(version), "", level(version) <= stable,
                    Integer.toString(from), String.join(",", written));
            }
        }
    }

    private static void print(String feature, int level, String name, boolean stable, String from, String needs) {
        System.out.println(String.join("\t", feature, Integer.toString(level), name, stable ? "stable" : "unstable", from, needs));
    }

    private static List<?> features() throws Exception {
        for (String name : new String[] {"Feature", "Features"}) {
            try {
                Class<?> type = Class.forName("org.apache.kafka.server.common." + name);
                return (List<?>) type.getField("PRODUCTION_FEATURES").get(null);
            } catch (ClassNotFoundException | NoSuchFieldException e) {
                // Another release.
            }
        }
        return List.of();
    }

    private static boolean isProduction(Object version) throws Exception {
        try {
            return (Boolean) call(version, "isProduction");
        } catch (NoSuchMethodException e) {
            // Up to 3.6 there was no other kind.
            return true;
        }
    }

    private static int level(Object version) throws Exception {
        return ((Number) call(version, "featureLevel")).intValue();
    }

    private static Object call(Object on, String name) throws Exception {
        Method method = on.getClass().getMethod(name);
        method.setAccessible(true);
        return method.invoke(on);
    }
}
