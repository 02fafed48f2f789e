package oracle;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Permission;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs {@code kafka-storage} as its users do, through {@code main}, once per case and in one process, and tells what became of it.
 *
 * <p>Standard input: one case per line, columns separated by tabs, with the escapes of Java. The first column is the text of
 * server.properties, the second the arguments, separated by the character 1, each further one a file: its path, {@code =}, its
 * content. {@code @DIR@} stands for the folder of the case, which exists and is empty but for the files. Standard output: one line
 * per case, the exit code, a tab and the first line of what the tool says against it.
 */
public final class Format {
    private Format() {
    }

    /** Thrown instead of leaving the process. */
    private static final class Exit extends SecurityException {
        private final int code;

        Exit(int code) {
            this.code = code;
        }
    }

    @SuppressWarnings("removal")
    public static void main(String[] unused) throws Exception {
        PrintStream out = System.out;
        List<String> cases = new String(System.in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        Method tool = Class.forName("kafka.tools.StorageTool").getMethod("main", String[].class);
        // argparse4j and older tools call System.exit: only a security manager can tell.
        System.setSecurityManager(new SecurityManager() {
            @Override
            public void checkPermission(Permission permission) {
            }

            @Override
            public void checkExit(int status) {
                throw new Exit(status);
            }
        });
        StringBuilder all = new StringBuilder();
        for (String line : cases) {
            Path home = Files.createTempDirectory("format");
            try {
                all.append(one(tool, home, line)).append('\n');
            } finally {
                remove(home);
            }
        }
        out.print(all);
        out.flush();
        System.setSecurityManager(null);
    }

    private static String one(Method tool, Path home, String line) throws Exception {
        List<String> columns = new ArrayList<>();
        for (String column : line.split("\t", -1)) {
            columns.add(column.translateEscapes().replace("@DIR@", home.toString()));
        }
        Path config = home.resolve("server.properties");
        Files.writeString(config, columns.get(0), StandardCharsets.UTF_8);
        for (String file : columns.subList(2, columns.size())) {
            int at = file.indexOf('=');
            Path path = home.resolve(file.substring(0, at));
            if (path.endsWith(".")) {
                Files.createDirectories(path);
                continue;
            }
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.substring(at + 1), StandardCharsets.UTF_8);
        }
        String[] args = columns.get(1).split("\u0001", -1);
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        int code = 0;
        String error = "";
        try (PrintStream quiet = new PrintStream(said, true, StandardCharsets.UTF_8)) {
            System.setOut(new PrintStream(new ByteArrayOutputStream()));
            System.setErr(quiet);
            tool.invoke(null, (Object) args);
        } catch (InvocationTargetException thrown) {
            Throwable why = thrown.getCause();
            if (why instanceof Exit exit) {
                code = exit.code;
            } else {
                code = 1;
                error = why.getClass().getSimpleName() + ": " + why.getMessage();
            }
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        if (code != 0 && error.isEmpty()) {
            error = said.toString(StandardCharsets.UTF_8).lines()
                .filter(l -> !l.isBlank() && !l.startsWith("SLF4J") && !l.startsWith("usage") && !l.startsWith(" "))
                .findFirst().orElse("");
        }
        String first = error.lines().findFirst().orElse("").replace(home.toString(), "DIR").replace('\t', ' ');
        return code + "\t" + first;
    }

    private static void remove(Path home) throws IOException {
        try (Stream<Path> paths = Files.walk(home)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
