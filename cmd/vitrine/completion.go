package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
)

func completionCommand() command {
	return command{
		name: "completion", summary: "print what completes commands and flags in a shell: completion bash, zsh or fish",
		operands: []string{"bash|zsh|fish"},
		run: func(_ context.Context, given args) error {
			write, known := map[string]func() string{"bash": bash, "zsh": zsh, "fish": fish}[given[0]]
			if !known {
				return misuse("say completion bash, zsh or fish")
			}
			_, err := os.Stdout.WriteString(write())
			return err
		},
	}
}

// choices are what a command's first operand can be, where that is a word of its own.
func (c command) choices() []string {
	if len(c.operands) == 0 || !strings.Contains(c.operands[0], "|") {
		return nil
	}
	return strings.Split(strings.Trim(c.operands[0], "[]"), "|")
}

// flagNames are the flags of a command, as they are typed.
func (c command) flagNames() []string {
	var names []string
	c.flags().VisitAll(func(f *flag.Flag) { names = append(names, "--"+f.Name) })
	return names
}

func commandNames() []string {
	names := []string{"help"}
	for _, c := range commands() {
		names = append(names, c.name)
	}
	return names
}

func bash() string {
	var b strings.Builder
	b.WriteString("# Completion of vitrine in bash: source <(vitrine completion bash)\n_vitrine() {\n" +
		"\tlocal word=${COMP_WORDS[COMP_CWORD]} flags= words=\n\tCOMPREPLY=()\n" +
		"\tif [[ $COMP_CWORD == 1 || $COMP_CWORD == 2 && ${COMP_WORDS[1]} == help ]]; then\n" +
		"\t\tCOMPREPLY=($(compgen -W \"" + strings.Join(commandNames(), " ") + "\" -- \"$word\"))\n\t\treturn\n\tfi\n\tcase ${COMP_WORDS[1]} in\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "\t%s) flags=%q words=%q ;;\n", c.name, strings.Join(c.flagNames(), " "), strings.Join(c.choices(), " "))
	}
	b.WriteString("\tesac\n\tif [[ $word == -* ]]; then\n\t\tCOMPREPLY=($(compgen -W \"$flags\" -- \"$word\"))\n" +
		"\telif [ \"$COMP_CWORD\" = 2 ] && [ -n \"$words\" ]; then\n\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n" +
		"\telse\n\t\tCOMPREPLY=($(compgen -f -- \"$word\"))\n\tfi\n}\ncomplete -o filenames -F _vitrine vitrine\n")
	return b.String()
}

// quoted is a text between single quotes, for zsh and fish.
func quoted(s, quote string) string { return "'" + strings.ReplaceAll(s, "'", quote) + "'" }

func zsh() string {
	quote := func(s string) string { return quoted(strings.NewReplacer(":", `\:`).Replace(s), `'\''`) }
	var b strings.Builder
	b.WriteString("#compdef vitrine\n# Completion of vitrine in zsh: vitrine completion zsh > a folder of $fpath/_vitrine\n_vitrine() {\n\tlocal -a commands flags words\n\tcommands=(\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "\t\t%s\n", quote(c.name)[:len(quote(c.name))-1]+":"+quote(c.summary)[1:])
	}
	b.WriteString("\t\t'help:tell of a command'\n\t)\n\tif (( CURRENT == 2 )) || [[ CURRENT -eq 3 && $words[2] == help ]]; then\n\t\t_describe command commands\n\t\treturn\n\tfi\n\tcase $words[2] in\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "\t%s) flags=(%s); choices=(%s) ;;\n", c.name, strings.Join(c.flagNames(), " "), strings.Join(c.choices(), " "))
	}
	b.WriteString("\tesac\n\tif [[ $PREFIX == -* ]]; then\n\t\tcompadd -a flags\n\telif (( CURRENT == 3 && ${#choices} )); then\n\t\tcompadd -a choices\n\telse\n\t\t_files\n\tfi\n}\n" +
		"if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n\t_vitrine \"$@\"\nelse\n\tcompdef _vitrine vitrine\nfi\n")
	return strings.Replace(b.String(), "local -a commands flags words\n", "local -a commands flags choices\n", 1)
}

func fish() string {
	quote := func(s string) string { return quoted(strings.ReplaceAll(s, `\`, `\\`), `\'`) }
	var b strings.Builder
	b.WriteString("# Completion of vitrine in fish: vitrine completion fish | source\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "complete -c vitrine -n __fish_use_subcommand -f -a %s -d %s\n", c.name, quote(c.summary))
		in := "-n " + quote("__fish_seen_subcommand_from "+c.name)
		if words := c.choices(); words != nil {
			fmt.Fprintf(&b, "complete -c vitrine %s -a %s\n", in, quote(strings.Join(words, " ")))
		}
		c.flags().VisitAll(func(f *flag.Flag) {
			_, what := flag.UnquoteUsage(f)
			fmt.Fprintf(&b, "complete -c vitrine %s -l %s -d %s\n", in, f.Name, quote(what))
		})
	}
	b.WriteString("complete -c vitrine -n __fish_use_subcommand -f -a help -d 'tell of a command'\n")
	return b.String()
}
