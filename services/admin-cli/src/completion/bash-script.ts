// The completion script of bash. It needs nothing of the package bash-completion, and expands nothing of
// what it is told.
import type { CommandWords, Offer, OptionWords, WordTable } from './word-table.ts';

/** Writes it. */
export function writeBash(table: WordTable): string {
  const all = [...table.options, ...table.commands.flatMap(({ options }) => options)];
  const valued = new Map(
    all.flatMap(({ words, value }) =>
      value === undefined ? [] : [[words.join('|'), value.offer]],
    ),
  );
  const names = table.commands.flatMap(({ words }) => words);
  return `# bash completion of koi-admin, made by: koi-admin completion bash

# Offers the words that begin with what was typed.
_koi_admin_offer() {
  local word
  for word; do
    if [[ $word == "$cur"* ]]; then COMPREPLY+=("$before\${word#"$cut"}"); fi
  done
}

# Offers what the cluster or the configuration knows: runners, nodes or electors.
_koi_admin_names() {
  local -a names
  mapfile -t names < <("\${words[0]/#\\~\\//$HOME/}" "\${asked[@]}" completion bash --names "$1" 2>/dev/null </dev/null)
  _koi_admin_offer "\${names[@]}"
}

# Leaves it to bash, which knows about quotes and tildes.
_koi_admin_files() {
  compopt -o default
}

_koi_admin() {
  COMPREPLY=()
  local -a words=() asked=()
  local word cur before='' cut='' glue='' command='' option='' place=0
  # bash parts words at = and : too: put them together again.
  for word in "\${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
    if [[ \${#words[@]} -gt 0 && ( -n $glue || $word == [=:]* ) ]]; then
      words[-1]+=$word
    else
      words+=("$word")
    fi
    glue=''
    if [[ $word == *[=:] ]]; then glue=yes; fi
  done
  cur=\${words[-1]}
  for word in "\${words[@]:1:\${#words[@]}-2}"; do
    if [[ -n $option ]]; then
      case $option in --config | --elector) asked+=("$option" "$word") ;; esac
      option=''
      continue
    fi
    case $word in
      ${[...valued.keys()].join('|').replaceAll('|', ' | ')}) option=$word ;;
      --config=* | --elector=*) asked+=("$word") ;;
      -*) ;;
      *) if [[ -z $command ]]; then command=$word; else place=$((place + 1)); fi ;;
    esac
  done
  if [[ -z $option && $cur == --*=* ]]; then
    option=\${cur%%=*}
    cur=\${cur#*=}
    if [[ $COMP_WORDBREAKS != *=* ]]; then before=$option=; fi
  fi
  # What is offered replaces what follows the last colon.
  if [[ $COMP_WORDBREAKS == *:* && $cur == *:* ]]; then
    cut=\${cur%"\${cur##*:}"}
    before=''
  fi
  if [[ -n $option ]]; then
    case $option in
${[...valued].map(([words, offer]) => `      ${words.replaceAll('|', ' | ')}) ${act(offer)} ;;`).join('\n')}
    esac
  elif [[ $cur == -* ]]; then
    _koi_admin_offer ${flags(table.options)}
    case $command in
      '') _koi_admin_offer ${flags(table.bare)} ;;
${table.commands.flatMap(offerFlags).join('\n')}
    esac
  elif [[ -z $command ]]; then
    _koi_admin_offer ${names.join(' ')}
  else
    case "$command $place" in
${table.commands.flatMap(offerArguments).join('\n')}
    esac
  fi
}

complete -F _koi_admin koi-admin
`;
}

function act(offer: Offer): string {
  switch (offer.kind) {
    case 'words':
      return `_koi_admin_offer ${offer.words.join(' ')}`;
    case 'names':
      return `_koi_admin_names ${offer.of}`;
    case 'files':
      return '_koi_admin_files';
    case 'nothing':
      return ':';
  }
}

/** In full: the short ones are for those who know them. */
function flags(options: readonly OptionWords[]): string {
  return options.map(({ words }) => words.at(-1)).join(' ');
}

function offerFlags({ words, options }: CommandWords): readonly string[] {
  if (options.length === 0) return [];
  return [`      ${words.join(' | ')}) _koi_admin_offer ${flags(options)} ;;`];
}

function offerArguments({ words, arguments: list }: CommandWords): readonly string[] {
  return list.map(({ offer }, place) => {
    const places = words.map((word) => `'${word} ${place}'`).join(' | ');
    return `      ${places}) ${act(offer)} ;;`;
  });
}
