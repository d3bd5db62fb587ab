/**
 * `--change` of commit and import: instructions of a Dockerfile applied to an image's configuration.
 * https://docs.docker.com/reference/cli/docker/container/commit/
 */
import { applyInstruction } from '../../dockerfile/apply.ts';
import { expandInstruction } from '../../dockerfile/expand.ts';
import type { Instruction } from '../../dockerfile/instruction.ts';
import { parseInstructions } from '../../dockerfile/parse.ts';
import { InvalidError } from '../../lib/errors.ts';
import type { ProcessConfig } from '../../oci/image/image-config.ts';

const allowed: ReadonlySet<Instruction['kind']> = new Set([
  ...(['CMD', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'HEALTHCHECK', 'LABEL'] as const),
  ...(['ONBUILD', 'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR'] as const),
]);

/** @throws InvalidError for an instruction that has no place in a commit. */
export function applyChanges(config: ProcessConfig, changes: readonly string[]): ProcessConfig {
  const instructions = parseInstructions(changes.join('\n'));
  const other = instructions.find(({ kind }) => !allowed.has(kind));
  if (other) throw new InvalidError(`${other.kind.toLowerCase()} is not a valid change command`);
  let result = config;
  let commandSet = false;
  for (const instruction of instructions) {
    const variables = new Map(
      result.Env?.map((variable) => {
        const [name = ''] = variable.split('=', 1);
        return [name, variable.slice(name.length + 1)];
      }),
    );
    const expanded = expandInstruction(instruction, (name) => variables.get(name), '\\');
    result = applyInstruction(result, expanded, commandSet);
    commandSet ||= instruction.kind === 'CMD';
  }
  return result;
}
