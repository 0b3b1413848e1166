// All mutants, a file for each group of rules.
import { ADOPTION_MUTANTS } from './adoption-mutants.ts';
import { CANDIDACY_MUTANTS } from './candidacy-mutants.ts';
import { CHARTER_MUTANTS } from './charter-mutants.ts';
import { DEADMAN_MUTANTS } from './deadman-mutants.ts';
import { ELECTION_MUTANTS } from './election-mutants.ts';
import { MASTERSHIP_MUTANTS } from './mastership-mutants.ts';
import type { Mutant } from './mutant.ts';
import { RUNNER_MUTANTS } from './runner-mutants.ts';

export const MUTANTS: readonly Mutant[] = [
  ...ELECTION_MUTANTS,
  ...CANDIDACY_MUTANTS,
  ...CHARTER_MUTANTS,
  ...MASTERSHIP_MUTANTS,
  ...RUNNER_MUTANTS,
  ...ADOPTION_MUTANTS,
  ...DEADMAN_MUTANTS,
];

/** The mutant of that name. */
export function mutantNamed(name: string): Mutant {
  const found = MUTANTS.find((mutant) => mutant.name === name);
  if (found === undefined) throw new Error(`no mutant is named "${name}"`);
  return found;
}
