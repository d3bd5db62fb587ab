import { UnsupportedError } from '../lib/errors.ts';
import type { ProcessConfig } from '../oci/image/image-config.ts';
import type { Instruction } from './instruction.ts';

/**
 * The configuration after one expanded instruction; the same for instructions that change none (FROM, RUN, COPY, ADD, ARG,
 * MAINTAINER, which sets the image's author).
 * `commandSet`: whether this stage has had a CMD; without one, ENTRYPOINT drops the base image's.
 * @throws DockerfileError
 */
export function applyInstruction(
  _config: ProcessConfig,
  _instruction: Instruction,
  _commandSet = false,
): ProcessConfig {
  throw new UnsupportedError('applyInstruction: not written yet');
}
