export type Shell = 'bash' | 'zsh' | 'fish'

interface Offered {
  words: { value: string; about: string }[]
  rest: 'nothing' | 'files' | 'command'
  from: number
  prefix: string
}

/**
 * What the scripts below read: a line that says what the shell adds, `files`, `nothing`, or `command` with the number of
 * the word at which it begins; then one line for each candidate, with a description behind a tab.
 */
export function renderCompletion({ words, rest, from, prefix }: Offered): string {
  const lines = words
    .filter(({ value }) => /^[\x21-\x7e]+$/.test(value))
    .map(({ value, about }) => `${prefix}${value}\t${about}`)
  return `${[rest === 'command' ? `command ${from}` : rest, ...lines].join('\n')}\n`
}

/** What a shell reads at its start; all that is to know of nsctl it asks nsctl, so that it is never out of date. */
export function renderCompletionScript(shell: Shell): string {
  return SCRIPTS[shell]
}

const SCRIPTS: Record<Shell, string> = {
  bash: `# bash completion of nsctl; to have it in every shell: source <(nsctl completion bash)
_nsctl() {
  local -a words=() starts=() replies=() files=()
  local i word current rest value skipped
  COMPREPLY=()
  # readline breaks words at = and : as well; nsctl wants them whole.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if ((\${#words[@]} > 0)) && [[ $word == [=:]* || \${words[-1]} == *[=:] ]]; then
      words[-1]+=$word
    else
      words+=("$word")
      starts+=("$i")
    fi
  done
  current=\${words[-1]}
  {
    read -r rest
    while IFS=$'\\t' read -r value _; do replies+=("$value"); done
  } < <("\${1/#\\~\\//$HOME/}" __complete -- "\${words[@]}" 2>/dev/null)
  if [[ $rest == command* ]]; then
    _nsctl_command "\${starts[\${rest#command }]:-$COMP_CWORD}"
    return
  fi
  # What stands in front of the last break is typed already.
  if [[ $current == *[=:]* && $COMP_WORDBREAKS == *[=:]* ]]; then
    skipped=\${current%"\${current##*[=:]}"}
  fi
  for value in "\${replies[@]}"; do
    if [[ $value == "$current"* ]]; then printf -v value %q "\${value#"$skipped"}" && COMPREPLY+=("$value"); fi
  done
  if [[ $rest == files ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t files < <(compgen -f -- "\${current#"$skipped"}")
    COMPREPLY+=("\${files[@]}")
  fi
}

# A command of its own begins at a word: it is completed as if it stood alone.
_nsctl_command() {
  if declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$1"
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$1"
  elif (($1 == COMP_CWORD)); then
    mapfile -t COMPREPLY < <(compgen -c -- "\${COMP_WORDS[COMP_CWORD]}")
  else
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")
  fi
}

complete -F _nsctl nsctl
`,
  zsh: `#compdef nsctl
# zsh completion of nsctl, for a file _nsctl in a directory of $fpath, or: source <(nsctl completion zsh)
_nsctl() {
  local -a lines offered
  local line rest value
  lines=("\${(@f)$("\${words[1]/#\\~\\//$HOME/}" __complete -- "\${(@)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")
  rest=$lines[1]
  for line in "\${(@)lines[2,-1]}"; do
    value=\${line%%$'\\t'*}
    [[ -n $value ]] && offered+=("\${value//:/\\\\:}:\${line#*$'\\t'}")
  done
  if [[ $rest == command* ]]; then
    local from=$((\${rest#command } + 2))
    words=("\${(@)words[from,-1]}")
    ((CURRENT -= from - 1))
    _normal
    return
  fi
  local found=1
  (($#offered)) && _describe -t values nsctl offered && found=0
  if [[ $rest == files ]]; then
    [[ $PREFIX == --*=* ]] && compset -P '*='
    _files && found=0
  fi
  return found
}
if [[ $funcstack[1] == _nsctl ]]; then _nsctl "$@"; else compdef _nsctl nsctl; fi
`,
  fish: `# fish completion of nsctl, for ~/.config/fish/completions/nsctl.fish
function __nsctl_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    set -l lines (command $typed[1] __complete -- $typed[2..] "$current" 2>/dev/null)
    set -l rest (string split ' ' -- $lines[1])
    test (count $lines) -gt 1; and printf '%s\\n' $lines[2..]
    switch "$rest[1]"
        case files
            __fish_complete_path (string replace -r '^--[^=]*=' '' -- "$current")
        case command
            __fish_complete_subcommand --fcs-skip=(math $rest[2] + 1)
    end
end
complete -c nsctl -f -a '(__nsctl_complete)'
`,
}
