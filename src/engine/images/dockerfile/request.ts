/** What the engine asks of the process that writes a Dockerfile (dockerfile-child.ts), as JSON on its standard input. */
import type { History, ProcessConfig } from '../../../oci/image/image-config.ts';

export interface DockerfileRequest {
  /** As it was asked for. */
  readonly name: string;
  readonly id: string;
  readonly author: string;
  readonly config: ProcessConfig;
  readonly history: readonly History[];
  /** `--platform` of FROM; undefined for this machine's own. */
  readonly platform?: string;
  /** Undefined: it stands on nothing that is here. */
  readonly base?: BaseRequest;
  /** Nothing is run again: all is taken from the layers. */
  readonly isExact: boolean;
  /** The Dockerfile alone, as text; else a tar with the files that it needs. */
  readonly isText: boolean;
}

export interface BaseRequest {
  readonly name: string;
  /** What the name stands for now: its ID and the digests that registries know it by. */
  readonly identities: readonly string[];
  readonly author: string;
  readonly config: ProcessConfig;
  /** How many of the image's layers, and of its history's lines, are the base's. */
  readonly layers: number;
  readonly history: number;
  /** It was asked for by name. */
  readonly isGiven: boolean;
}
