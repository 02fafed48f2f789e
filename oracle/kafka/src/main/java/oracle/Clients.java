package oracle;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Asks the client constructors of the Kafka on the class path whether they take a configuration.
 *
 * <p>Reads cases from the first file, one a line: kind, then {@code key=value}, separated by tabs ({@code \t \n \r \\} escaped).
 * Writes one line a case to the second: {@code ok}, or the class and the message of what was thrown.
 *
 * <p>Serializers and deserializers are given where the case has none, as a program gives them. Nothing has to listen at the
 * bootstrap servers: a constructor only resolves their names (see {@code clients.hosts}).
 */
public final class Clients {
    private static final String BYTES = "org.apache.kafka.common.serialization.ByteArray";

    public static void main(String[] args) throws Exception {
        ExecutorService closers = Executors.newFixedThreadPool(8, task -> {
            Thread thread = new Thread(task, "closer");
            thread.setDaemon(true);
            return thread;
        });
        try (BufferedReader in = Files.newBufferedReader(Path.of(args[0]), StandardCharsets.UTF_8);
                PrintStream out = new PrintStream(args[1], StandardCharsets.UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] parts = line.split("\t");
                Properties props = new Properties();
                for (int i = 1; i < parts.length; i++) {
                    int at = parts[i].indexOf('=');
                    props.setProperty(unescape(parts[i].substring(0, at)), unescape(parts[i].substring(at + 1)));
                }
                out.print(escape(answer(parts[0], props, closers)) + "\n");
            }
            if (out.checkError()) {
                throw new IOException("could not write " + args[1]);
            }
        }
        // Threads of clients that are still closing must not keep the program.
        Runtime.getRuntime().halt(0);
    }

    private static String answer(String kind, Properties props, ExecutorService closers) {
        try {
            AutoCloseable client = create(kind, props);
            closers.execute(() -> close(client));
            return "ok";
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause();
            // The outermost says only that construction failed.
            while (cause.getCause() != null && cause.getClass().getSimpleName().equals("KafkaException")) {
                cause = cause.getCause();
            }
            return cause.getClass().getSimpleName() + ": " + cause.getMessage();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static AutoCloseable create(String kind, Properties props) throws ReflectiveOperationException {
        switch (kind) {
            case "producer":
                props.putIfAbsent("key.serializer", BYTES + "Serializer");
                props.putIfAbsent("value.serializer", BYTES + "Serializer");
                return make("org.apache.kafka.clients.producer.KafkaProducer", props);
            case "consumer":
                props.putIfAbsent("key.deserializer", BYTES + "Deserializer");
                props.putIfAbsent("value.deserializer", BYTES + "Deserializer");
                return make("org.apache.kafka.clients.consumer.KafkaConsumer", props);
            case "admin":
                return (AutoCloseable) Class.forName("org.apache.kafka.clients.admin.AdminClient")
                    .getMethod("create", Properties.class).invoke(null, props);
            default:
                throw new IllegalArgumentException(kind);
        }
    }

    private static AutoCloseable make(String name, Properties props) throws ReflectiveOperationException {
        return (AutoCloseable) Class.forName(name).getConstructor(Properties.class).newInstance(props);
    }

    private static void close(AutoCloseable client) {
        try {
            Method close = client.getClass().getMethod("close", Duration.class);
            close.invoke(client, Duration.ZERO);
        } catch (ReflectiveOperationException e) {
            // A client that does not close is left to the end of the program.
        }
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r");
    }

    private static String unescape(String text) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        Map<Character, Character> special = new HashMap<>(Map.of('t', '\t', 'n', '\n', 'r', '\r', '\\', '\\'));
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            plain.append(c == '\\' ? special.get(text.charAt(++i)) : c);
        }
        return plain.toString();
    }

    private Clients() {
    }
}
