/** Each asks `passback complete` what may come next, so that none of them knows a command. */
export const COMPLETION_SCRIPTS = {
  bash: `# eval "$(passback completion bash)" in ~/.bashrc
_passback() {
  local IFS=$'\\n'
  COMPREPLY=($(passback complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f 1))
  [ "\${#COMPREPLY[@]}" -gt 0 ] || compopt -o default
}
complete -F _passback passback
`,
  zsh: `#compdef passback
# eval "$(passback completion zsh)" in ~/.zshrc, after compinit
_passback() {
  local line
  local -a found
  for line in "\${(@f)$(passback complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( \${#found} )); then _describe passback found; else _files; fi
}
compdef _passback passback
`,
  fish: `# passback completion fish | source in ~/.config/fish/config.fish
function __passback_complete
  set -l found (passback complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c passback -f -a '(__passback_complete)'
`,
} as const;
