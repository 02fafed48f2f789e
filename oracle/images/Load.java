import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.TreeMap;

/**
 * What java.util.Properties reads: {"text": "..."} in, {"properties": {...}} or {"refused": "..."} out, one a line. The text is the
 * content of a file in UTF-8. No JSON library, so that no class path is needed.
 */
public class Load {
    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null; ) {
            String text = unquote(line.substring(line.indexOf(':') + 1, line.lastIndexOf('}')).trim());
            Properties properties = new Properties();
            try {
                properties.load(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
            } catch (IllegalArgumentException e) {
                out.println("{\"refused\": " + quote(e.getMessage()) + "}");
                continue;
            }
            StringBuilder answer = new StringBuilder();
            new TreeMap<Object, Object>(properties).forEach((k, v) -> answer.append(answer.length() == 0 ? "" : ", ")
                .append(quote((String) k)).append(": ").append(quote((String) v)));
            out.println("{\"properties\": {" + answer + "}}");
        }
    }

    /** Of a JSON string in ASCII, as Python's json.dumps writes it. */
    private static String unquote(String json) {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i < json.length() - 1; i++) {
            char c = json.charAt(i);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            c = json.charAt(++i);
            if (c == 'u') {
                text.append((char) Integer.parseInt(json.substring(i + 1, i + 5), 16));
                i += 4;
            } else {
                int at = "nrtfb".indexOf(c);
                text.append(at < 0 ? c : "\n\r\t\f\b".charAt(at));
            }
        }
        return text.toString();
    }

    private static String quote(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            json.append(c == '"' || c == '\\' ? "\\" + c : c < ' ' ? String.format("\\u%04x", (int) c) : String.valueOf(c));
        }
        return json.append('"').toString();
    }
}
