// Asks the real compose-go what it makes of random interpolations, dotenv files and command strings, and of whole
// projects, and writes its answers as JSON Lines for kraftlint's tests to replay. See README.md.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand"
	"os"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/mattn/go-shellwords"
	"github.com/sirupsen/logrus"
)

var why = new(bool)

// A question to compose-go, and its answer.
type record struct {
	In  string            `json:"in"`
	Env map[string]string `json:"env,omitempty"`
	Ok  bool              `json:"ok"`
	// A string for interpolation, a map for dotenv, a list for words; absent when refused.
	Out any `json:"out,omitempty"`
}

var environment = map[string]string{"A": "va", "B": "", "C_1": "x $y", "SET": "val", "EMPTY": "", "set": "lower"}

func lookup(name string) (string, bool) {
	value, ok := environment[name]
	return value, ok
}

func interpolation(in string) record {
	out, err := template.Substitute(in, lookup)
	if err != nil {
		return record{In: in, Env: environment}
	}
	return record{In: in, Env: environment, Ok: true, Out: out}
}

func envFile(in string) record {
	out, err := dotenv.ParseWithLookup(strings.NewReader(in), lookup)
	if err != nil {
		return record{In: in, Env: environment}
	}
	return record{In: in, Env: environment, Ok: true, Out: out}
}

func words(in string) record {
	out, err := shellwords.Parse(in)
	if err != nil {
		return record{In: in}
	}
	return record{In: in, Ok: true, Out: out}
}

// What random inputs are made of: the characters and clusters that the grammars treat specially.
var parts = map[string][]string{
	"interpolation": {
		"$", "$", "${", "${", "${A", "${B:-", "${U-", "${U:-", "${A:+", "${U:?", "${B?", "}", "}", "}", "{", ":-", "-",
		":", "?", "+", "$$", "$A", "$U", "$B", "${A}", "${U}", "${C_1}", "$set", "1", "_", " ", "x", "é", "\n", "\"", "'",
		"\\", "(", ")", "K", "ſ", "/", ".", "#",
	},
	"dotenv": {
		"A", "B", "X", "K1", "_k", "=", "=", "=", ": ", " ", " ", "\t", "\n", "\n", "\n", "\r\n", "\"", "\"", "'", "'", "\\",
		"\\n", "\\\"", "\\'", "\\$", "\\0101", "\\012", "\\x41", "#", " #", "# c\n", "export ", "export", "$A", "${B:-d}",
		"${X}", "${U:-", "}", "$$", "$", "a b", "v", "1", ".", "-", "[", "]", "@", "é", "\u00a0", ",", "/", "X=1\n",
		"Y=\"q\"\n", "Z='s'\n", "\\\\", "\v", "W=a # c\n", "V=\"m\nn\"\n", "\ufeff", "{", ":-", "\\a", "\\c", "\\0", "\\0777",
	},
	"words": {
		"a", "bc", "2", " ", " ", "\t", "\n", "\"", "\"", "'", "'", "\\", "`", "$(", ")", "(", "$", "${X}", ";", "&", "|", ">",
		"<", "--x=1", "é", "#", "&&", "\\\"",
	},
}

// A random input: parts in any order or, for every other dotenv file, lines that have a chance to be accepted.
func generate(random *rand.Rand, kind string, limit int) string {
	var text strings.Builder
	pick := func(from []string) { text.WriteString(from[random.Intn(len(from))]) }
	any := func(limit int) {
		for range random.Intn(limit) {
			pick(parts[kind])
		}
	}
	if kind != "dotenv" || random.Intn(2) == 0 {
		text.WriteString(parts[kind][random.Intn(len(parts[kind]))])
		any(limit)
		return text.String()
	}
	for range 1 + random.Intn(limit/4+1) {
		pick([]string{"", "", "", " ", "export ", "\t", "# c\n"})
		pick([]string{"A", "B", "X", "K_1", "1", "-k", "é"})
		pick([]string{"=", "=", "=", " = ", ": ", "=\t", "\n"})
		quote := []string{"", "", "'", "\""}[random.Intn(4)]
		text.WriteString(quote)
		for range random.Intn(6) {
			pick([]string{"v", "1@h:9", ",", " ", " #", "#", "$A", "${X}", "${B:-d}", "${K_1-x y}", "$$", "\\$", "\\n", "\\", "\\'",
				"\\\"", "\\0101", "\t", "é", "\u00a0"})
		}
		text.WriteString(quote)
		pick([]string{"\n", "\n", "\n", "\r\n", " # c\n", "\n\n", " ", ""})
	}
	return text.String()
}

func main() {
	count := flag.Int("n", 300, "how many random inputs")
	seed := flag.Int64("seed", 1, "seed of the random inputs")
	limit := flag.Int("parts", 14, "how many parts an input has at most")
	read := flag.Bool("stdin", false, "answer the JSON strings on standard input, one a line, instead of random ones")
	flag.BoolVar(why, "why", false, "tell why a project is refused")
	flag.Parse()
	logrus.SetOutput(io.Discard)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	if wanted, ok := map[string]func(*json.Encoder) error{"project": projects, "schema": writeSchema}[flag.Arg(0)]; ok {
		if err := wanted(out); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	ask, ok := map[string]func(string) record{"interpolation": interpolation, "dotenv": envFile, "words": words}[flag.Arg(0)]
	if !ok {
		fmt.Fprintln(os.Stderr, "usage: compose [-n N] [-seed S] [-parts N] [-stdin] interpolation|dotenv|words|project|schema")
		os.Exit(2)
	}
	reply := func(in string) {
		if err := out.Encode(ask(in)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if *read {
		in := json.NewDecoder(os.Stdin)
		for {
			var text string
			if err := in.Decode(&text); err != nil {
				return
			}
			reply(text)
		}
	}
	random := rand.New(rand.NewSource(*seed))
	for range *count {
		reply(generate(random, flag.Arg(0), *limit))
	}
}
