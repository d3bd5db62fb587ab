/** `inspect`: a container as the API's document shows it, every field present. */
import type { ContainerConfig, ContainerInspectResponse, Health } from '../../engine-api/types.ts';
import type { ContainerDependencies } from './dependencies.ts';
import type { HealthState } from './health/health.ts';
import { sizes } from './list.ts';
import { shownMount } from './mounts/container-mount.ts';
import { networkSettings } from './network-settings.ts';
import { type ContainerRecord, isRunning, zeroTime } from './state.ts';

type Dependencies = Pick<
  ContainerDependencies,
  'containers' | 'images' | 'snapshots' | 'networks' | 'execs' | 'paths'
>;

export async function inspectContainer(
  deps: Dependencies,
  name: string,
  withSize: boolean,
): Promise<ContainerInspectResponse> {
  const record = deps.containers.resolve(name);
  const { id } = record;
  const state = deps.paths.state(id);
  const execs = deps.execs.runningOf(id).map((session) => session.id);
  return {
    Id: id,
    Created: record.created,
    Path: record.path,
    Args: [...record.args],
    State: inspectState(record),
    Image: record.imageId,
    ResolvConfPath: `${state}/resolv.conf`,
    HostnamePath: `${state}/hostname`,
    HostsPath: `${state}/hosts`,
    LogPath: logPath(deps, record),
    Name: `/${record.name}`,
    RestartCount: record.restartCount,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: execs.length > 0 ? execs : null,
    HostConfig: record.hostConfig,
    GraphDriver: { Name: 'overlay2', Data: {} },
    ...(withSize ? await sizes(deps, record) : {}),
    Mounts: record.mounts.map(shownMount),
    Config: inspectConfig(record.config),
    NetworkSettings: networkSettings(deps, record),
  };
}

/** As docker: the file of `local` is nobody else's, and one is there only after the first start. */
function logPath({ paths }: Pick<Dependencies, 'paths'>, { id, hostConfig, state }: ContainerRecord): string {
  const isShown = hostConfig.LogConfig?.Type === 'json-file' && state.startedAt !== zeroTime;
  return isShown ? paths.log(id) : '';
}

function inspectState({ state }: ContainerRecord): NonNullable<ContainerInspectResponse['State']> {
  return {
    Status: state.status,
    Running: isRunning(state),
    Paused: state.status === 'paused',
    Restarting: state.status === 'restarting',
    OOMKilled: state.oomKilled,
    Dead: state.status === 'dead',
    Pid: state.pid,
    ExitCode: state.exitCode,
    Error: state.error,
    StartedAt: state.startedAt,
    FinishedAt: state.finishedAt,
    ...(state.health && { Health: inspectHealth(state.health) }),
  };
}

function inspectHealth({ status, failingStreak, log }: HealthState): Health {
  return { Status: status, FailingStreak: failingStreak, Log: [...log] };
}

/** Go writes null for an empty list or map, and leaves an empty ExposedPorts out. */
function inspectConfig(config: ContainerConfig): ContainerConfig {
  const { ExposedPorts, ...rest } = config;
  const shown = {
    ...rest,
    ...(Object.keys(ExposedPorts ?? {}).length > 0 ? { ExposedPorts } : {}),
    Volumes: Object.keys(config.Volumes ?? {}).length > 0 ? config.Volumes : null,
    Entrypoint: config.Entrypoint?.length ? config.Entrypoint : null,
    Cmd: config.Cmd?.length ? config.Cmd : null,
    OnBuild: config.OnBuild ?? null,
    Labels: config.Labels ?? {},
  };
  return shown as unknown as ContainerConfig;
}
