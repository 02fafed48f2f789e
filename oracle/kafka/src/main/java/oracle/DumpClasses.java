package oracle;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Prints the classes of the Kafka on the class path that a setting may name, one a line: name, tab, what they are.
 *
 * <p>Only classes of Kafka's own jars that one can make an instance of. No class is initialised.
 */
public final class DumpClasses {
    /** What a class is called here → the interface or class that it extends. */
    private static final Map<String, String> KINDS = new LinkedHashMap<>();

    static {
        KINDS.put("alter-config-policy", "org.apache.kafka.server.policy.AlterConfigPolicy");
        KINDS.put("assignor", "org.apache.kafka.clients.consumer.ConsumerPartitionAssignor");
        KINDS.put("authorizer", "org.apache.kafka.server.authorizer.Authorizer");
        KINDS.put("callback-handler", "org.apache.kafka.common.security.auth.AuthenticateCallbackHandler");
        KINDS.put("config-provider", "org.apache.kafka.common.config.provider.ConfigProvider");
        KINDS.put("consumer-interceptor", "org.apache.kafka.clients.consumer.ConsumerInterceptor");
        KINDS.put("create-topic-policy", "org.apache.kafka.server.policy.CreateTopicPolicy");
        KINDS.put("deserializer", "org.apache.kafka.common.serialization.Deserializer");
        KINDS.put("group-assignor", "org.apache.kafka.coordinator.group.api.assignor.ConsumerGroupPartitionAssignor");
        KINDS.put("group-assignor ", "org.apache.kafka.coordinator.group.assignor.ConsumerGroupPartitionAssignor");
        KINDS.put("group-assignor  ", "org.apache.kafka.coordinator.group.assignor.PartitionAssignor");
        KINDS.put("jwt-retriever", "org.apache.kafka.common.security.oauthbearer.JwtRetriever");
        KINDS.put("jwt-validator", "org.apache.kafka.common.security.oauthbearer.JwtValidator");
        KINDS.put("login", "org.apache.kafka.common.security.auth.Login");
        KINDS.put("login-module", "javax.security.auth.spi.LoginModule");
        KINDS.put("metrics-reporter", "org.apache.kafka.common.metrics.MetricsReporter");
        KINDS.put("old-metrics-reporter", "kafka.metrics.KafkaMetricsReporter");
        KINDS.put("partitioner", "org.apache.kafka.clients.producer.Partitioner");
        KINDS.put("principal-builder", "org.apache.kafka.common.security.auth.KafkaPrincipalBuilder");
        KINDS.put("principal-serde", "org.apache.kafka.common.security.auth.KafkaPrincipalSerde");
        KINDS.put("producer-interceptor", "org.apache.kafka.clients.producer.ProducerInterceptor");
        KINDS.put("quota-callback", "org.apache.kafka.server.quota.ClientQuotaCallback");
        KINDS.put("remote-metadata-manager", "org.apache.kafka.server.log.remote.storage.RemoteLogMetadataManager");
        KINDS.put("remote-storage-manager", "org.apache.kafka.server.log.remote.storage.RemoteStorageManager");
        KINDS.put("replica-selector", "org.apache.kafka.common.replica.ReplicaSelector");
        KINDS.put("security-provider", "org.apache.kafka.common.security.auth.SecurityProviderCreator");
        KINDS.put("serializer", "org.apache.kafka.common.serialization.Serializer");
        KINDS.put("share-group-assignor", "org.apache.kafka.coordinator.group.api.assignor.ShareGroupPartitionAssignor");
        KINDS.put("ssl-engine-factory", "org.apache.kafka.common.security.auth.SslEngineFactory");
    }

    public static void main(String[] args) throws Exception {
        Map<String, Class<?>> kinds = new LinkedHashMap<>();
        for (Map.Entry<String, String> kind : KINDS.entrySet()) {
            Class<?> type = load(kind.getValue());
            if (type != null) {
                kinds.put(kind.getKey(), type);
            }
        }
        PrintStream out = new PrintStream(args[0], StandardCharsets.UTF_8);
        for (String name : names()) {
            Class<?> type = load(name);
            if (type == null || type.isInterface() || Modifier.isAbstract(type.getModifiers())) {
                continue;
            }
            List<String> found = new ArrayList<>();
            for (Map.Entry<String, Class<?>> kind : kinds.entrySet()) {
                if (kind.getValue().isAssignableFrom(type)) {
                    found.add(kind.getKey().trim());
                }
            }
            if (!found.isEmpty()) {
                out.println(name + "\t" + String.join(",", found));
            }
        }
        if (out.checkError()) {
            throw new IOException("could not write " + args[0]);
        }
        out.close();
        System.exit(0);
    }

    /** Every class of Kafka's own jars, by name. */
    private static TreeSet<String> names() throws IOException {
        TreeSet<String> names = new TreeSet<>();
        for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!path.endsWith(".jar") || !path.replace('\\', '/').contains("/org/apache/kafka/")) {
                continue;
            }
            try (JarFile jar = new JarFile(path)) {
                jar.stream().map(JarEntry::getName).filter(n -> n.endsWith(".class") && !n.contains("/shaded/"))
                    .forEach(n -> names.add(n.substring(0, n.length() - 6).replace('/', '.')));
            }
        }
        return names;
    }

    /** Null where it or what it extends is not on the class path. */
    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, DumpClasses.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            return null;
        }
    }

    private DumpClasses() {
    }
}
