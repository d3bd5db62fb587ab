/**
 * The exec routes: create, start, resize, inspect. The verb is engine/containers/exec.ts.
 * https://docs.docker.com/reference/api/engine/version/v1.50/#tag/Exec
 */
import { z } from 'zod';
import { ConflictError, InvalidError } from '../../lib/errors.ts';
import type { ContainerDependencies } from '../containers/dependencies.ts';
import { describe } from '../containers/create/create-request.ts';
import { createExec, startableExec, startAttachedExec, startDetachedExec } from '../containers/exec/exec.ts';
import type { ExecConfig } from '../containers/exec/exec-store.ts';
import { resizeTerminal } from '../containers/attach/resize.ts';
import { streamType } from './container-streams.ts';
import { idOf } from './containers.ts';
import { integerOf } from './query.ts';
import { type ApiRequest, empty, type Hijacked, json, type Route } from './route.ts';

export function execRoutes(deps: ContainerDependencies): Route[] {
  return [
    { method: 'POST', path: '/containers/{id}/exec', handle: (request) => create(deps, request) },
    {
      method: 'POST',
      path: '/exec/{id}/start',
      hijack: (request, connection) => start(deps, request, connection),
    },
    { method: 'POST', path: '/exec/{id}/resize', handle: (request) => resize(deps, request) },
    { method: 'GET', path: '/exec/{id}/json', handle: (request) => inspect(deps, request) },
  ];
}

const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const list = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);

const createSchema = z.looseObject({
  AttachStdin: flag,
  AttachStdout: flag,
  AttachStderr: flag,
  Tty: flag,
  DetachKeys: text,
  Env: list,
  Cmd: z.union([z.string().transform((word) => [word]), list]),
  Privileged: flag,
  User: text,
  WorkingDir: text,
  ConsoleSize: z.tuple([z.number(), z.number()]).nullish(),
});

async function create(deps: ContainerDependencies, request: ApiRequest): Promise<Response> {
  const parsed = createSchema.safeParse(await request.json());
  if (!parsed.success) throw new InvalidError(describe(parsed.error));
  const { data } = parsed;
  const config: ExecConfig = {
    attachStdin: data.AttachStdin,
    attachStdout: data.AttachStdout,
    attachStderr: data.AttachStderr,
    tty: data.Tty,
    detachKeys: data.DetachKeys,
    env: data.Env,
    cmd: data.Cmd,
    privileged: data.Privileged,
    user: data.User,
    workingDir: data.WorkingDir,
    consoleSize: data.ConsoleSize ?? undefined,
  };
  return json({ Id: createExec(deps, idOf(request), config) }, 201);
}

const startSchema = z.looseObject({ Detach: flag, Tty: flag });

async function start(deps: ContainerDependencies, request: ApiRequest, connection: Hijacked): Promise<void> {
  const parsed = startSchema.safeParse((await request.json()) ?? {});
  if (!parsed.success) throw new InvalidError(describe(parsed.error));
  const session = startableExec(deps, idOf(request));
  if (!parsed.data.Detach) {
    // Not what was created: clients read what they have asked for here.
    const isRaw = parsed.data.Tty ?? false;
    connection.accept(streamType(isRaw, request.version));
    await startAttachedExec(deps, session, connection.socket, !isRaw);
    return;
  }
  await startDetachedExec(deps, session);
  await connection.respond(empty(200));
}

function resize(deps: ContainerDependencies, request: ApiRequest): Response {
  const session = deps.execs.get(idOf(request));
  if (session.pid === 0) throw new ConflictError(`cannot resize exec ${session.id}: it is not running`);
  const height = integerOf(request.query, 'h') ?? 0;
  resizeTerminal(session.directory, height, integerOf(request.query, 'w') ?? 0);
  return empty(200);
}

function inspect(deps: ContainerDependencies, request: ApiRequest): Response {
  const session = deps.execs.get(idOf(request));
  const { config } = session;
  const [entrypoint, ...args] = config.cmd;
  return json({
    ID: session.id,
    Running: session.status === 'running',
    ExitCode: session.exitCode ?? null,
    ProcessConfig: {
      tty: config.tty,
      entrypoint,
      arguments: args,
      privileged: config.privileged,
      ...(config.user === '' ? {} : { user: config.user }),
    },
    OpenStdin: config.attachStdin,
    OpenStderr: config.attachStderr,
    OpenStdout: config.attachStdout,
    CanRemove: session.status === 'exited',
    ContainerID: session.containerId,
    DetachKeys: config.detachKeys ?? '',
    Pid: session.pid,
  });
}
