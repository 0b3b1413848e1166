// `koi-admin check-config`: says what the daemons would say of a configuration, and what follows
// from it.
import { type ConfigProblem, describeProblem } from '@koi/lib/config-error';
import { EXIT, type ExitCode, Failure } from '../failure.ts';
import { printPage } from '../print.ts';
import { neutral } from '../render/neutral.ts';
import { describeVerdict, verdictPage } from '../render/verdict.ts';
import { CONFIG_FILE, namedConfig } from '../search.ts';
import type { Session } from '../session.ts';

/** Checks a file; undefined: the one that the other commands would read. */
export async function checkConfig(session: Session, named: string | undefined): Promise<ExitCode> {
  const { terminal, options } = session;
  const file = named ?? namedConfig(session) ?? CONFIG_FILE;
  // Loaded here: what reads YAML costs as much as the rest of a command.
  const { loadConfig } = await import('@koi/lib/config-file');
  const { ConfigError } = await import('@koi/lib/config-error');
  const { tlsRefusal } = await import('@koi/lib/config-tls');
  const { configWarnings } = await import('@koi/lib/config-warning');
  const json = options.output === 'json';
  const tell = (answer: object) => terminal.out(`${JSON.stringify(answer, null, 2)}\n`);
  try {
    const config = loadConfig(file);
    const refusal = tlsRefusal(config);
    if (refusal !== undefined) throw new ConfigError([tlsProblem(file, refusal)]);
    const warnings = configWarnings(config);
    if (json) tell({ file, problems: [], warnings, ...describeVerdict(config) });
    else printPage(session, verdictPage(config));
    for (const warning of warnings) {
      terminal.err(`koi-admin: warning: ${neutral(warning)}\n`);
    }
    return EXIT.DONE;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { problems } = error;
    if (json) tell({ file, problems });
    else for (const problem of problems) terminal.err(`${neutral(describeProblem(problem))}\n`);
    const reasons = problems.length === 1 ? 'this' : `these ${problems.length} reasons`;
    throw new Failure(EXIT.REFUSED, `${file} is refused for ${reasons}`);
  }
}

/** The daemons refuse at their start what the file itself may say. */
function tlsProblem(file: string, text: string): ConfigProblem {
  return { file, line: 0, column: 0, key: 'tls', text };
}
