import { flagName } from '../settings/define.ts';
import { flagOptions } from '../settings/emit/flags.ts';
import { allSettings } from '../settings/emit/owner.ts';
import { groupIds, type Shelf, topicNames } from './topics.ts';
import {
  type CliVerb,
  flagsOf,
  readersOf,
  serverVerbs,
  shells,
  verbFlags,
  verbs,
} from './verbs.ts';

/** Flags whose values are names of files. */
const files = ['output-file', 'env-file', 'ca-cert', 'workdir', 'config', 'data-dir'];
const withValue = Object.keys(verbFlags).filter((name) => !verbFlags[name]?.bare);

/** bash reads it, and zsh through its bashcompinit; every word comes from the lists that help is made of. */
export function completionScript(shelf: Shelf): string {
  const options = Object.entries(flagOptions(shelf.owners)).filter(([, { hidden }]) => !hidden);
  const flags = [...options.map(([name]) => `--${name}`), '--help'];
  const ofServer = Object.keys(flagOptions([shelf.server]));
  const valued = [
    ...options.filter(([, { requiresArg }]) => requiresArg).map(([name]) => `--${name}`),
    ...ofServer.map((name) => `--${name}`),
  ];
  const systems = shelf.ciSystems.map(({ id }) => id).filter((id) => id !== 'none');
  return `# slipway completion: add to ~/.bashrc or ~/.zshrc:  eval "$(slipway completion)"
if [ -n "$ZSH_VERSION" ]; then
  whence compdef >/dev/null || { autoload -Uz compinit && compinit; }
  autoload -Uz bashcompinit && bashcompinit
fi
_slipway() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" flag="" lead="" verb="" topic="" words="" i word
  if [ "$COMP_CWORD" -gt 1 ]; then flag="\${COMP_WORDS[COMP_CWORD-1]}"; fi
  # bash makes three words of --flag=value, zsh one.
  if [ "$cur" = "=" ]; then cur=""
  elif [ "$flag" = "=" ]; then flag="\${COMP_WORDS[COMP_CWORD-2]}"
  else case "$cur" in --*=*) flag="\${cur%%=*}"; lead="$flag="; cur="\${cur#*=}" ;; esac
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$word" in
      =) i=$((i + 1)) ;;
      ${[...valued, ...withValue.map((name) => `--${name}`)].join('|')})
        if [ "\${COMP_WORDS[i+1]}" != "=" ]; then i=$((i + 1)); fi ;;
      -*) ;;
      *) if [ -z "$verb" ]; then verb="$word"; elif [ -z "$topic" ]; then topic="$word"; fi ;;
    esac
  done
  case "$flag" in
${valueCases(shelf)}
    ${files.map((name) => `--${name}`).join('|')}) COMPREPLY=($(compgen -P "$lead" -f -- "$cur")); return ;;
    ${valued.filter((flag) => !files.includes(flag.slice(2)) && !hasChoices(shelf, flag)).join('|')}) return ;;
    *) case "$verb $cur" in
      "help "*)
        case "$topic" in
          "") words="${[...topicNames, ...Object.keys(verbs)].join(' ')}" ;;
          settings) words="${groupIds(shelf).join(' ')}" ;;
          docker-flags) words="${systems.join(' ')}" ;;
        esac ;;
${serverVerbs.map((verb) => `      "${verb} -"*) words="${flagWords(verb, ofServer)}" ;;`).join('\n')}
      "backup "*) if [ -z "$topic" ]; then COMPREPLY=($(compgen -f -- "$cur")); return; fi ;;
      ${serverVerbs.map((verb) => `"${verb} "*`).join('|')}) ;;
      "completion "*) if [ -z "$topic" ]; then words="${shells.join(' ')}"; fi ;;
      "version "*) ;;
      *" -"*) words="${flags.join(' ')}" ;;
      " "*) words="${Object.keys(verbs).join(' ')}" ;;
    esac ;;
  esac
  COMPREPLY=($(compgen -P "$lead" -W "$words" -- "$cur"))
}
complete -F _slipway slipway
`;
}

const flagWords = (verb: CliVerb, ofServer: readonly string[]): string =>
  [
    ...flagsOf(verb),
    ...ofServer.filter((flag) => readersOf(flag.replaceAll('-', '_')).includes(verb)),
    'help',
  ]
    .map((name) => `--${name}`)
    .join(' ');

const valueCases = (shelf: Shelf): string =>
  [...choicesOf(shelf)]
    .map(([flag, words]) => `    ${flag}) words="${words.join(' ')}" ;;`)
    .join('\n');

const hasChoices = (shelf: Shelf, flag: string): boolean => choicesOf(shelf).has(flag);

/** What may stand after a flag. A bool needs no value, but takes one after `=`. */
function choicesOf({ owners, targets, reporters }: Shelf): ReadonlyMap<string, readonly string[]> {
  const choices = allSettings(owners).flatMap(([key, { is: rule, secret }]) =>
    !secret && rule.kind.includes('|')
      ? [[`--${flagName(key)}`, rule.kind.split('|')] as const]
      : [],
  );
  return new Map<string, readonly string[]>([
    ...choices,
    ['--target', targets.map(({ id }) => id)],
    ['--report', ['auto', 'none', ...reporters.map(({ id }) => id)]],
  ]);
}
