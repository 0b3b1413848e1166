// The completion script of zsh. As a file `_koi-admin` on $fpath, or evaluated.
import type { CommandWords, Offer, OptionWords, WordTable } from './word-table.ts';

/** Writes it. */
export function writeZsh(table: WordTable): string {
  const { commands, options, bare } = table;
  return `#compdef koi-admin
# zsh completion of koi-admin, made by: koi-admin completion zsh

# What the cluster or the configuration knows: runners, nodes or electors.
_koi_admin_names() {
  local -a names asked expl
  local index
  for ((index = 2; index < \${#koi_admin_words}; index++)); do
    case $koi_admin_words[index] in
      --config | --elector) asked+=($koi_admin_words[index] \${(Q)koi_admin_words[index + 1]}) ;;
      --config=* | --elector=*) asked+=(\${(Q)koi_admin_words[index]}) ;;
    esac
  done
  names=(\${(f)"$(\${(Q)koi_admin_words[1]} $asked completion zsh --names $1 2>/dev/null </dev/null)"})
  _wanted $1 expl \${1%s} compadd -a names
}

_koi-admin() {
  local curcontext="$curcontext" state line
  typeset -A opt_args
  local -a koi_admin_words=("\${words[@]}")
  local -a options=(
${options.map((option) => `    ${specification(option)}`).join('\n')}
  )
  local -a commands=(
${commands.flatMap(described).join('\n')}
  )
  _arguments -C $options \\
${bare.map((option) => `    ${specification(option)} \\`).join('\n')}
    '1: :->command' '*:: :->rest' && return
  case $state in
    command) _describe -t commands command commands ;;
    rest)
      case $line[1] in
${commands.map(branch).join('\n')}
      esac
      ;;
  esac
}

if [[ $funcstack[1] == _koi-admin ]]; then
  _koi-admin "$@"
else
  compdef _koi-admin koi-admin
fi
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Brackets and colons part a specification. */
function escaped(text: string): string {
  return text.replace(/[[\]:\\]/g, '\\$&');
}

/** The short form and the long one exclude each other. */
function specification({ words, summary, value }: OptionWords): string {
  const text = `[${escaped(summary)}]`;
  const rest = value === undefined ? '' : `:${escaped(value.name)}:${action(value.offer)}`;
  const exclusion = words.length > 1 ? quoted(`(${words.join(' ')})`) : '';
  // --config FILE and --config=FILE, -o FORMAT and -oFORMAT.
  const forms = words.map((word) => {
    if (value === undefined) return word;
    return word.startsWith('--') ? `${word}=` : `${word}+`;
  });
  const form = forms.length > 1 ? `{${forms.join(',')}}` : (forms[0] ?? '');
  return `${exclusion}${form}${quoted(`${text}${rest}`)}`;
}

function action(offer: Offer): string {
  switch (offer.kind) {
    case 'words':
      return `(${offer.words.join(' ')})`;
    case 'names':
      // After a space the words are called as they are.
      return ` _koi_admin_names ${offer.of}`;
    case 'files':
      return '_files';
    case 'nothing':
      return ' ';
  }
}

function described({ words, summary }: CommandWords): readonly string[] {
  return words.map((word) => `    ${quoted(`${word}:${summary}`)}`);
}

function branch({ words, options, arguments: list }: CommandWords): string {
  const places = list.map(({ name, offer }, index) => {
    return quoted(`${index + 1}:${escaped(name)}:${action(offer)}`);
  });
  const own = [...options.map(specification), ...places].map((one) => ` \\\n          ${one}`);
  return `        ${words.join(' | ')})\n          _arguments $options${own.join('')}\n          ;;`;
}
