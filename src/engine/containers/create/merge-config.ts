/** The request's configuration over the image's: what the container will run with. Pure. */
import type { ContainerConfig, HealthConfig } from '../../../engine-api/types.ts';
import { InvalidError } from '../../../lib/errors.ts';
import type { ProcessConfig } from '../../../oci/image/image-config.ts';

type Empties = Record<string, Record<string, unknown>>;

/** @throws InvalidError when neither side says what to run. */
export function mergeImageConfig(
  request: ContainerConfig,
  image: ProcessConfig | undefined,
): ContainerConfig {
  const stopSignal = request.StopSignal || image?.StopSignal;
  const healthcheck = mergeHealthcheck(request.Healthcheck, image?.Healthcheck ?? undefined);
  const { NetworkDisabled, ...others } = request;
  return {
    ...others,
    ...(NetworkDisabled ? { NetworkDisabled } : {}),
    ...mergeCommand(request, image),
    User: request.User || (image?.User ?? ''),
    ExposedPorts: { ...(image?.ExposedPorts as Empties | null | undefined), ...request.ExposedPorts },
    Env: mergeEnvironment(request.Env ?? [], image?.Env ?? []),
    Volumes: { ...(image?.Volumes as Empties | null | undefined), ...request.Volumes },
    WorkingDir: request.WorkingDir || (image?.WorkingDir ?? ''),
    Labels: { ...image?.Labels, ...request.Labels },
    OnBuild: request.OnBuild ?? null,
    ...(stopSignal ? { StopSignal: stopSignal } : {}),
    ...(healthcheck ? { Healthcheck: healthcheck } : {}),
    ...((request.Shell ?? image?.Shell) ? { Shell: request.Shell ?? image?.Shell } : {}),
  };
}

/**
 * An entrypoint of the request's own makes the image's command void. `--entrypoint ""` comes as [""] and means none.
 */
function mergeCommand(
  request: ContainerConfig,
  image: ProcessConfig | undefined,
): Pick<ContainerConfig, 'Cmd' | 'Entrypoint'> {
  const resets = request.Entrypoint?.length === 1 && request.Entrypoint[0] === '';
  const entrypoint = resets ? [] : (request.Entrypoint ?? []);
  const command = request.Cmd ?? [];
  if (entrypoint.length > 0 || resets) return checked(entrypoint, command);
  return checked(image?.Entrypoint ?? [], command.length > 0 ? command : (image?.Cmd ?? []));
}

function checked(Entrypoint: string[], Cmd: string[]): Pick<ContainerConfig, 'Cmd' | 'Entrypoint'> {
  if (Entrypoint.length + Cmd.length === 0) throw new InvalidError('no command specified');
  return { Entrypoint, Cmd };
}

/** The image's variables first, the request's winning by name. `NAME` alone stands for itself. */
function mergeEnvironment(request: readonly string[], image: readonly string[]): string[] {
  const given = new Set(request.map(variableName));
  return [...image.filter((variable) => !given.has(variableName(variable))), ...request];
}

function variableName(variable: string): string {
  const equals = variable.indexOf('=');
  return equals === -1 ? variable : variable.slice(0, equals);
}

/** Field by field; a test of the request's own, even NONE, replaces the image's. */
function mergeHealthcheck(
  request: HealthConfig | null | undefined,
  image: ProcessConfig['Healthcheck'] | undefined,
): HealthConfig | undefined {
  if (!request) return image ? { ...image, Test: image.Test ?? [] } : undefined;
  const test = request.Test?.length ? request.Test : (image?.Test ?? []);
  return {
    Test: test,
    Interval: request.Interval || image?.Interval,
    Timeout: request.Timeout || image?.Timeout,
    StartPeriod: request.StartPeriod || image?.StartPeriod,
    StartInterval: request.StartInterval || image?.StartInterval,
    Retries: request.Retries || image?.Retries,
  };
}
