// `koi-admin check-config`: says what the daemons would say of a configuration, and what follows
// from it.
import { type ConfigProblem, describeProblem } from '@koi/lib/config-error';
import type { Command } from 'commander';
import { EXIT, Failure } from '../failure.ts';
import { describeVerdict, renderVerdict } from '../render/verdict.ts';
import type { OpenSession, Session } from '../session.ts';

/** Adds the command. */
export function addCheckConfig(program: Command, open: OpenSession): void {
  program
    .command('check-config')
    .description('check a configuration file, and show the failover time that follows from it')
    .argument('<file>', 'the configuration')
    .addHelpText('after', '\nExample:\n  $ koi-admin check-config /etc/koi/koi.yaml')
    .action((file: string) => checkConfig(open(), file));
}

async function checkConfig({ terminal, options }: Session, file: string): Promise<void> {
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
    else terminal.out(renderVerdict(config));
    for (const warning of warnings) {
      terminal.err(`koi-admin: warning: ${warning}\n`);
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { problems } = error;
    if (json) tell({ file, problems });
    else for (const problem of problems) terminal.err(`${describeProblem(problem)}\n`);
    const reasons = problems.length === 1 ? 'this' : `these ${problems.length} reasons`;
    throw new Failure(EXIT.REFUSED, `${file} is refused for ${reasons}`);
  }
}

/** The daemons refuse at their start what the file itself may say. */
function tlsProblem(file: string, text: string): ConfigProblem {
  return { file, line: 0, column: 0, key: 'tls', text };
}
