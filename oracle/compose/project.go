package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/cli/pkg/kvfile"
)

// A project: its files by path, those that are named by `-f` (none: Compose looks for them), the profiles that
// are switched on, and the process environment.
type question struct {
	Name     string            `json:"name,omitempty"`
	Files    map[string]string `json:"files"`
	Load     []string          `json:"load"`
	Profiles []string          `json:"profiles,omitempty"`
	Env      map[string]string `json:"env,omitempty"`
}

type answer struct {
	In       question       `json:"in"`
	Ok       bool           `json:"ok"`
	Error    string         `json:"error,omitempty"`
	Services map[string]any `json:"services,omitempty"`
}

// docker compose knows one more format of env files than compose-go does (docker/cli pkg/kvfile).
func registerRaw() {
	dotenv.RegisterFormat("raw", func(r io.Reader, filename string, vars map[string]string, lookup func(key string) (string, bool)) error {
		lines, err := kvfile.ParseFromReader(r, lookup)
		if err != nil {
			return fmt.Errorf("failed to parse env_file %s: %w", filename, err)
		}
		for _, line := range lines {
			key, value, _ := strings.Cut(line, "=")
			vars[key] = value
		}
		return nil
	})
}

// Loads a project as `docker compose` does (cmd/compose/compose.go, setEnvWithDotEnv and toProjectOptions), in the
// working directory.
func loadProject(in question) (project *types.Project, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	var env []string
	environment := map[string]string{}
	for k, v := range in.Env {
		environment[k] = v
	}
	// What it sets here is seen by compose-go's os.LookupEnv alone.
	os.Unsetenv("COMPOSE_DISABLE_ENV_FILE")
	if v, ok := environment["COMPOSE_DISABLE_ENV_FILE"]; ok {
		os.Setenv("COMPOSE_DISABLE_ENV_FILE", v)
	}
	list := func() []string {
		env = env[:0]
		for k, v := range environment {
			env = append(env, k+"="+v)
		}
		return env
	}
	var envFiles []string
	if listed := environment["COMPOSE_ENV_FILES"]; listed != "" {
		envFiles = strings.Split(listed, ",")
	}
	first, err := cli.NewProjectOptions(in.Load, cli.WithEnv(list()), cli.WithEnvFiles(envFiles...), cli.WithDotEnv)
	if err == nil {
		fromFile, err := dotenv.GetEnvFromFile(environment, first.EnvFiles)
		if err == nil {
			for k, v := range fromFile {
				if _, ok := environment[k]; !ok && strings.HasPrefix(k, "COMPOSE_") {
					environment[k] = v
				}
			}
		}
	}
	if v, ok := environment["COMPOSE_DISABLE_ENV_FILE"]; ok {
		os.Setenv("COMPOSE_DISABLE_ENV_FILE", v)
	}
	options, err := cli.NewProjectOptions(in.Load,
		cli.WithEnv(list()),
		cli.WithEnvFiles(envFiles...),
		cli.WithDotEnv,
		cli.WithConfigFileEnv,
		cli.WithDefaultConfigPath,
		cli.WithEnvFiles(envFiles...),
		cli.WithDotEnv,
		cli.WithDefaultProfiles(in.Profiles...),
		cli.WithName(""),
	)
	if err != nil {
		return nil, err
	}
	return options.LoadProject(context.Background())
}

// The part of a project that kraftlint reads, with `dir` replaced.
func shown(project *types.Project, dir string) map[string]any {
	place := func(path string) string {
		if path == dir || strings.HasPrefix(path, dir+"/") {
			return "$DIR" + strings.TrimPrefix(path, dir)
		}
		if path == filepath.Dir(dir) || strings.HasPrefix(path, filepath.Dir(dir)+"/") {
			return "$UP" + strings.TrimPrefix(path, filepath.Dir(dir))
		}
		// Above that one is nothing.
		if path == filepath.Dir(filepath.Dir(dir)) {
			return "/"
		}
		return path
	}
	services := map[string]any{}
	for name, s := range project.Services {
		m := map[string]any{}
		text := func(key, value string) {
			if value != "" {
				m[key] = value
			}
		}
		text("image", s.Image)
		text("hostname", s.Hostname)
		text("container_name", s.ContainerName)
		text("network_mode", s.NetworkMode)
		if s.Command != nil {
			m["command"] = s.Command
		}
		if s.Entrypoint != nil {
			m["entrypoint"] = s.Entrypoint
		}
		if len(s.Environment) > 0 {
			m["environment"] = s.Environment
		}
		var ports []any
		for _, p := range s.Ports {
			x := map[string]any{"target": p.Target, "protocol": p.Protocol, "mode": p.Mode}
			if p.Published != "" {
				x["published"] = p.Published
			}
			if p.HostIP != "" {
				x["host_ip"] = p.HostIP
			}
			ports = append(ports, x)
		}
		if ports != nil {
			m["ports"] = ports
		}
		var volumes []any
		for _, v := range s.Volumes {
			x := map[string]any{"type": v.Type, "target": v.Target}
			if v.Source != "" {
				x["source"] = place(v.Source)
			}
			if v.ReadOnly {
				x["read_only"] = true
			}
			volumes = append(volumes, x)
		}
		if volumes != nil {
			m["volumes"] = volumes
		}
		networks := map[string]any{}
		for k, v := range s.Networks {
			x := map[string]any{}
			if v != nil && len(v.Aliases) > 0 {
				x["aliases"] = v.Aliases
			}
			if v != nil && v.Ipv4Address != "" {
				x["ipv4_address"] = v.Ipv4Address
			}
			networks[k] = nil
			if len(x) > 0 {
				networks[k] = x
			}
		}
		if len(networks) > 0 {
			m["networks"] = networks
		}
		waits := map[string]any{}
		for k, d := range s.DependsOn {
			waits[k] = map[string]any{"condition": d.Condition, "required": d.Required}
		}
		if len(waits) > 0 {
			m["depends_on"] = waits
		}
		if len(s.ExtraHosts) > 0 {
			hosts := s.ExtraHosts.AsList("=")
			sort.Strings(hosts)
			m["extra_hosts"] = hosts
		}
		if len(s.Profiles) > 0 {
			m["profiles"] = s.Profiles
		}
		services[name] = m
	}
	return services
}

// Answers the questions on standard input, one a line.
func projects(out *json.Encoder) error {
	registerRaw()
	// `~` is nobody's home here.
	os.Setenv("HOME", "/~")
	root, err := os.MkdirTemp("", "compose")
	if err != nil {
		return err
	}
	defer os.RemoveAll(root)
	in := json.NewDecoder(bufio.NewReaderSize(os.Stdin, 1<<20))
	for n := 0; ; n++ {
		var asked question
		if err := in.Decode(&asked); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		dir := filepath.Join(root, fmt.Sprint(n), "up", "project")
		for path, text := range asked.Files {
			file := filepath.Join(dir, path)
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				return err
			}
			if strings.HasSuffix(path, "/") {
				err = os.MkdirAll(file, 0o755)
			} else {
				err = os.WriteFile(file, []byte(text), 0o644)
			}
			if err != nil {
				return err
			}
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		if err := os.Chdir(dir); err != nil {
			return err
		}
		project, err := loadProject(asked)
		said := answer{In: asked, Ok: err == nil}
		if err != nil && *why {
			// Of several faults it tells any one: nothing to record.
			said.Error = strings.ReplaceAll(err.Error(), dir, "$DIR")
		} else if err == nil {
			said.Services = shown(project, dir)
		}
		if err := out.Encode(said); err != nil {
			return err
		}
		os.RemoveAll(filepath.Dir(filepath.Dir(dir)))
	}
}
