/** What is sent: Docker Hub's payload (https://docs.docker.com/docker-hub/repos/manage/webhooks/), or a CloudEvent. */
import { officialNamespace } from '../accounts/account-name.ts';
import type { Told, WebhookFormat } from './webhook.ts';

export interface PayloadFacts {
  /** Of the delivery: the same however often it is tried. */
  readonly id: string;
  readonly at: number;
  readonly actor: string;
  /** The hub's own address, without a slash at its end; '' where it is not known. */
  readonly origin: string;
  readonly repository: {
    readonly namespace: string;
    readonly name: string;
    readonly description: string;
    readonly full_description: string;
    readonly is_private: number;
    readonly star_count: number;
    readonly created_at: number;
  };
}

export function payloadOf(format: WebhookFormat, told: Told, facts: PayloadFacts): string {
  return JSON.stringify(format === 'docker' ? dockerHubs(told, facts) : cloudEvent(told, facts));
}

/** Its times are seconds since 1970. No call back is waited for: the address is empty. */
function dockerHubs({ tag = '' }: Told, { at, actor, origin, repository }: PayloadFacts): object {
  const { namespace, name } = repository;
  return {
    callback_url: '',
    push_data: { pushed_at: Math.floor(at / 1000), pusher: actor, tag, images: [] },
    repository: {
      comment_count: 0,
      date_created: Math.floor(repository.created_at / 1000),
      description: repository.description,
      dockerfile: '',
      full_description: repository.full_description,
      is_official: namespace === officialNamespace,
      is_private: repository.is_private === 1,
      is_trusted: false,
      name,
      namespace,
      owner: namespace,
      repo_name: `${namespace}/${name}`,
      repo_url: addressOf(origin, namespace, name),
      star_count: repository.star_count,
      status: 'Active',
    },
  };
}

/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md */
function cloudEvent({ event, action, tag, digest }: Told, facts: PayloadFacts): object {
  const { id, at, actor, origin, repository } = facts;
  const { namespace, name } = repository;
  return {
    specversion: '1.0',
    id,
    source: addressOf(origin, namespace, name),
    type: `cais.hub.${event}`,
    time: new Date(at).toISOString(),
    ...(tag !== undefined && { subject: tag }),
    datacontenttype: 'application/json',
    data: {
      event,
      action,
      actor,
      repository: { namespace, name, path: `${namespace}/${name}`, is_private: repository.is_private === 1 },
      tag: tag ?? null,
      digest: digest ?? null,
    },
  };
}

function addressOf(origin: string, namespace: string, name: string): string {
  return `${origin}/r/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}
