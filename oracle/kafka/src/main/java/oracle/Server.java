package oracle;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Properties;

/**
 * Gives files of properties to the KafkaConfig of the Kafka that is on the class path: {@code Server CASES VERDICTS}.
 *
 * <p>CASES has one file a line, in base64. VERDICTS gets one line for each: {@code ok}, or the class and the message of
 * what it throws, on one line. Nothing is started. Read as Kafka's main reads them: Properties.load, KafkaConfig.fromProps.
 */
public final class Server {
    public static void main(String[] args) throws Exception {
        Method fromProps = Class.forName("kafka.server.KafkaConfig").getMethod("fromProps", Properties.class);
        PrintStream out = new PrintStream(args[1], StandardCharsets.UTF_8);
        try (BufferedReader cases = Files.newBufferedReader(Path.of(args[0]))) {
            for (String line = cases.readLine(); line != null; line = cases.readLine()) {
                out.println(verdict(fromProps, Base64.getDecoder().decode(line)));
            }
        }
        if (out.checkError()) {
            throw new IOException("could not write " + args[1]);
        }
        out.close();
        // Some releases leave a metrics thread behind when their configuration classes are initialised.
        System.exit(0);
    }

    private static String verdict(Method fromProps, byte[] file) throws IllegalAccessException {
        Properties properties = new Properties();
        try {
            properties.load(new ByteArrayInputStream(file));
            fromProps.invoke(null, properties);
            return "ok";
        } catch (InvocationTargetException e) {
            return oneLine(e.getCause());
        } catch (IOException | IllegalArgumentException e) {
            return oneLine(e);
        }
    }

    private static String oneLine(Throwable error) {
        String text = error.getClass().getSimpleName() + ": " + error.getMessage();
        return text.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n");
    }

    private Server() {
    }
}
