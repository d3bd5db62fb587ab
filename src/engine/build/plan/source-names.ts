/** What an instruction takes files from, besides the context: names of stages and images as written. */
import type { Instruction } from '../../../dockerfile/instruction.ts';
import { mountSource } from '../../../dockerfile/mount.ts';

export function sourceNames(instruction: Instruction): string[] {
  if (instruction.kind === 'COPY') return instruction.from === undefined ? [] : [instruction.from];
  if (instruction.kind !== 'RUN') return [];
  return instruction.mounts.flatMap((mount) => mountSource(mount) || []);
}
