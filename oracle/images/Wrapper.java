import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.utils.Utils;

/**
 * What apache/kafka's wrapper makes of an environment: kafka.docker.KafkaDockerWrapper.prepareServerConfigs of the release on
 * the class path, then the file as the server loads it. One JSON object a line in, one out; see README.md.
 */
public class Wrapper {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Stands for the default file of the image, which is no part of the jar. */
    private static final String DEFAULT = "default=true\n";

    public static void main(String[] args) throws Exception {
        Object wrapper = Class.forName("kafka.docker.KafkaDockerWrapper$").getField("MODULE$").get(null);
        Method prepare = null;
        for (Method method : wrapper.getClass().getDeclaredMethods()) {
            if (method.getName().equals("prepareServerConfigs")) {
                prepare = method;
            }
        }
        prepare.setAccessible(true);
        Path work = Files.createTempDirectory("wrapper");
        Path defaults = Files.createDirectory(work.resolve("default"));
        Path mounted = Files.createDirectory(work.resolve("mounted"));
        Path done = Files.createDirectory(work.resolve("final"));
        Files.writeString(defaults.resolve("server.properties"), DEFAULT);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null; ) {
            JsonNode input = JSON.readTree(line);
            Path file = mounted.resolve("server.properties");
            Files.deleteIfExists(file);
            if (input.has("mounted")) {
                Files.writeString(file, input.get("mounted").get("server.properties").asText());
            }
            Files.deleteIfExists(done.resolve("server.properties"));
            Map<String, String> env = new HashMap<>();
            input.get("env").fields().forEachRemaining(e -> env.put(e.getKey(), e.getValue().asText()));
            ObjectNode answer = JSON.createObjectNode();
            try {
                prepare.invoke(wrapper, defaults, mounted, done, immutable(env));
                ObjectNode properties = answer.putObject("properties");
                var loaded = Utils.loadProps(done.resolve("server.properties").toString());
                new TreeMap<Object, Object>(loaded).forEach((k, v) -> properties.put((String) k, (String) v));
            } catch (InvocationTargetException e) {
                answer.put("refused", "error while preparing configs: " + e.getCause().getMessage());
            } catch (IllegalArgumentException e) {
                answer.put("refused", e.getMessage());
            }
            out.println(JSON.writeValueAsString(answer));
        }
    }

    /** As scala.sys.env makes it, for the order of its entries is the order of the lines. */
    private static Object immutable(Map<String, String> env) {
        return scala.collection.immutable.Map$.MODULE$.from(scala.jdk.javaapi.CollectionConverters.asScala(env));
    }
}
