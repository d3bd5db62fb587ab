/** What the steps of a stage have come to: an image without being one. Values; a step makes a new one. Pure. */
import { platformOf, type ProcessConfig } from '../../oci/image/image-config.ts';
import type { Platform } from '../../oci/image/platform.ts';
import { defaultPath } from '../../oci/runtime/defaults.ts';
import type { Image, ImageLayer } from '../images/image.ts';
import type { HistoryDraft } from './history.ts';

export interface StageState {
  /** Undefined: from scratch. */
  readonly base: Image | undefined;
  readonly config: ProcessConfig;
  readonly author: string | undefined;
  readonly platform: Platform;
  /** Of the base as well. */
  readonly layers: readonly ImageLayer[];
  /** Of the base as well. */
  readonly history: readonly HistoryDraft[];
  /** What RUN and the replacing of variables see, in the order in which it was set: ENV and ARG. */
  readonly environment: ReadonlyMap<string, string>;
  /** The ARGs so far, by name; undefined: without a value. */
  readonly declared: ReadonlyMap<string, string | undefined>;
  /** This stage has had a CMD of its own: ENTRYPOINT leaves it. */
  readonly hasCommand: boolean;
  /** The cache's record of the last step that has one. */
  readonly record: string | undefined;
}

/** @param image undefined: from scratch. @param platform of what is built. */
export function stateOfBase(image: Image | undefined, platform: Platform): StageState {
  const config = withPath(withoutTriggers(image?.config.config ?? {}));
  return {
    base: image,
    config,
    author: image?.config.author,
    platform: image ? platformOf(image.config) : platform,
    layers: image?.layers ?? [],
    history: image?.config.history ?? [],
    environment: variables(config.Env ?? []),
    declared: new Map(),
    hasCommand: false,
    record: undefined,
  };
}

/** A stage that goes on where another has ended. */
export function stateOfStage(state: StageState): StageState {
  return { ...state, config: withoutTriggers(state.config), hasCommand: false };
}

/** `--label`: over those of the Dockerfile. */
export function withLabels(state: StageState, labels: Readonly<Record<string, string>>): StageState {
  if (Object.keys(labels).length === 0) return state;
  return { ...state, config: { ...state.config, Labels: { ...state.config.Labels, ...labels } } };
}

function withoutTriggers({ OnBuild: _triggers, ...config }: ProcessConfig): ProcessConfig {
  return config;
}

/** Every image that is built has one. */
function withPath(config: ProcessConfig): ProcessConfig {
  const environment = config.Env ?? [];
  if (environment.some((variable) => variable.startsWith('PATH='))) return config;
  return { ...config, Env: [...environment, defaultPath] };
}

function variables(list: readonly string[]): Map<string, string> {
  return new Map(
    list.map((variable) => {
      const equals = variable.indexOf('=');
      return equals === -1 ? [variable, ''] : [variable.slice(0, equals), variable.slice(equals + 1)];
    }),
  );
}
