/** `cais completion`: the script that teaches a shell to complete `cais`. The words come from `cais __complete`. */
import { InvalidError } from '../../lib/errors.ts';
import { defineCommand, exactly } from '../command.ts';

export const completion = defineCommand({
  usage: 'bash|zsh|fish',
  long: `Generate the completion script for a shell

  bash:  source <(cais completion bash)
  zsh:   cais completion zsh > "\${fpath[1]}/_cais"
  fish:  cais completion fish | source`,
  flags: {},
  count: exactly(1),
  completes: 'none',
  run: async ({ context, args: [shell = ''] }) => {
    const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
    if (script === undefined)
      throw new InvalidError(`unknown shell ${JSON.stringify(shell)}: bash, zsh or fish`);
    await context.out.write(script);
  },
});

const bash = String.raw`# bash completion for cais
_cais() {
    local line current words
    # A colon ends a word for bash, but not for an image's name: take the words as they are typed.
    line="${'$'}{COMP_LINE:0:COMP_POINT}"
    read -r -a words <<< "$line"
    [[ "$line" =~ [[:space:]]$ ]] && words+=("")
    current="${'$'}{words[${'$'}{#words[@]}-1]}"
    local IFS=$'\n'
    COMPREPLY=($(cais __complete -- "${'$'}{words[@]:1}" 2>/dev/null | cut -f1))
    if [[ "$current" == *:* && "$COMP_WORDBREAKS" == *:* ]]; then
        local colon="${'$'}{current%"${'$'}{current##*:}"}" i
        for i in "${'$'}{!COMPREPLY[@]}"; do COMPREPLY[$i]="${'$'}{COMPREPLY[$i]#"$colon"}"; done
    fi
}
complete -o default -F _cais cais
`;

const zsh = String.raw`#compdef cais
_cais() {
    local -a candidates
    local line word about
    while IFS= read -r line; do
        word="${'$'}{line%%$'\t'*}"
        about="${'$'}{line#*$'\t'}"
        [[ "$about" == "$line" ]] && about=""
        candidates+=("${'$'}{word//:/\\:}${'$'}{about:+:$about}")
    done < <(cais __complete -- "${'$'}{words[@]:1:$((CURRENT - 1))}" 2>/dev/null)
    if (( ${'$'}{#candidates} )); then _describe 'cais' candidates; else _files; fi
}
if [ "$funcstack[1]" = "_cais" ]; then _cais "$@"; else compdef _cais cais; fi
`;

const fish = String.raw`# fish completion for cais
function __cais_complete
    set -l words (commandline -opc) (commandline -ct)
    cais __complete -- $words[2..-1] 2>/dev/null
end
complete -c cais -f -a '(__cais_complete)'
`;

const scripts: Readonly<Record<string, string>> = { bash, zsh, fish };
