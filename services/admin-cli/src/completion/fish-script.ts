// The completion script of fish.
import type { CommandWords, Offer, OptionWords, WordTable } from './word-table.ts';

/** Writes it. */
export function writeFish(table: WordTable): string {
  const { commands, options, bare } = table;
  const all = [...options, ...commands.flatMap(({ options: own }) => own)];
  const valued = all.filter(({ value }) => value !== undefined).flatMap(({ words }) => words);
  const lines = [
    ...options.map((option) => complete('', option)),
    ...bare.map((option) => complete(' -n __koi_admin_bare', option)),
    ...commands.flatMap(({ words, summary }) => {
      return words.map(
        (word) => `complete -c koi-admin -n __koi_admin_bare -a ${word} -d ${quoted(summary)}`,
      );
    }),
    ...commands.flatMap(inCommand),
  ];
  return `# fish completion of koi-admin, made by: koi-admin completion fish

# The command and its arguments, as far as they are written: options and their values left out.
function __koi_admin_words
    set -l skip no
    for word in (commandline -opc)[2..-1]
        if test $skip = yes
            set skip no
        else if contains -- $word ${[...new Set(valued)].join(' ')}
            set skip yes
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end

# Whether no command is written yet.
function __koi_admin_bare
    test (count (__koi_admin_words)) -eq 0
end

# Whether a command is written, and so many arguments of it.
function __koi_admin_at -a place
    set -l words (__koi_admin_words)
    test (count $words) -gt 0; and contains -- $words[1] $argv[2..-1]
    or return 1
    test $place = any; and return
    # Names are asked for only where one could stand.
    test (math (count $words) - 1) = $place; and not string match -q -- '-*' (commandline -ct)
end

# What the cluster or the configuration knows: runners, nodes or electors.
function __koi_admin_names -a what
    set -l typed (commandline -opc)
    set -l asked
    for index in (seq 2 (count $typed))
        switch $typed[$index]
            case --config --elector
                set -a asked $typed[$index] $typed[(math $index + 1)]
            case '--config=*' '--elector=*'
                set -a asked $typed[$index]
        end
    end
    $typed[1] $asked completion fish --names $what 2>/dev/null </dev/null
end

complete -c koi-admin -f
${lines.join('\n')}
`;
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

function complete(condition: string, { words, summary, value }: OptionWords): string {
  const forms = words.map((word) =>
    word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`,
  );
  const takes = value === undefined ? '' : ` -x${offered(value.offer)}`;
  const files = value?.offer.kind === 'files' ? ' -r -F' : takes;
  return `complete -c koi-admin${condition} ${forms.join(' ')}${files} -d ${quoted(summary)}`;
}

function offered(offer: Offer): string {
  switch (offer.kind) {
    case 'words':
      return ` -a ${quoted(offer.words.join(' '))}`;
    case 'names':
      return ` -a ${quoted(`(__koi_admin_names ${offer.of})`)}`;
    case 'files':
      return ' -F';
    case 'nothing':
      return '';
  }
}

function inCommand({ words, options, arguments: list }: CommandWords): readonly string[] {
  const at = (place: number | 'any') =>
    ` -n ${quoted(`__koi_admin_at ${place} ${words.join(' ')}`)}`;
  return [
    ...options.map((option) => complete(at('any'), option)),
    ...list
      .filter(({ offer }) => offer.kind !== 'nothing')
      .map(({ offer }, place) => `complete -c koi-admin${at(place)}${offered(offer)}`),
  ];
}
