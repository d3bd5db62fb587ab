import { UnsupportedError } from '../lib/errors.ts';
import type { Dockerfile, Instruction, Lines } from './instruction.ts';

/** @throws DockerfileError */
export function parseDockerfile(_text: string): Dockerfile {
  throw new UnsupportedError('parseDockerfile: not written yet');
}

/**
 * An image's ONBUILD trigger. Its lines are the FROM's that takes the image up.
 * @throws DockerfileError
 */
export function parseTrigger(_text: string, _lines: Lines): Instruction {
  throw new UnsupportedError('parseTrigger: not written yet');
}
