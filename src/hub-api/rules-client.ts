/** The part of the client that is about what people set for whatever comes: quotas, what is kept how long, replication. */
import { path, queryString } from './address.ts';
import type { Sender } from './sender.ts';
import type {
  CreateReplicationRequest,
  NamespaceQuota,
  PageQuery,
  Page,
  QuotaPage,
  Replication,
  ReplicationItem,
  ReplicationItemQuery,
  ReplicationList,
  Retention,
  RetentionPolicy,
  RetentionPreview,
  SetQuotaDefaultRequest,
  SetQuotaRequest,
  UpdateReplicationRequest,
} from './types.ts';

/** A namespace, or one repository of it. */
export interface RetentionScope {
  readonly namespace: string;
  readonly name?: string | undefined;
}

export class RulesClient {
  readonly #hub: Sender;

  constructor(hub: Sender) {
    this.#hub = hub;
  }

  quota(namespace: string): Promise<NamespaceQuota> {
    return this.#hub.json('GET', path`/v2/namespaces/${namespace}/quota`);
  }

  quotas(query: PageQuery = {}): Promise<QuotaPage> {
    return this.#hub.json('GET', '/v2/system/quotas' + queryString({ ...query }));
  }

  /** What is left out stays as it is. @throws HubInputError */
  setQuota(namespace: string, limits: SetQuotaRequest): Promise<NamespaceQuota> {
    return this.#hub.json('PUT', path`/v2/system/quotas/${namespace}`, limits);
  }

  /** For what is made from here on. @throws HubInputError */
  async setQuotaDefault(limits: SetQuotaDefaultRequest): Promise<void> {
    await this.#hub.send('PATCH', '/v2/system/quotas', limits);
  }

  retention(scope: RetentionScope): Promise<Retention> {
    return this.#hub.json('GET', retentionOf(scope));
  }

  /** @throws HubInputError for a pattern that is none. */
  setRetention(scope: RetentionScope, policy: RetentionPolicy): Promise<Retention> {
    return this.#hub.json('PUT', retentionOf(scope), policy);
  }

  async removeRetention(scope: RetentionScope): Promise<void> {
    await this.#hub.send('DELETE', retentionOf(scope));
  }

  /** What the policy would remove now. @throws HubInputError for a pattern that is none. */
  previewRetention(scope: RetentionScope, policy: RetentionPolicy): Promise<RetentionPreview> {
    return this.#hub.json('POST', `${retentionOf(scope)}/preview`, policy);
  }

  /** Begins. @throws ConflictError while another run goes on. */
  async runRetention(scope: RetentionScope): Promise<void> {
    await this.#hub.send('POST', `${retentionOf(scope)}/run`);
  }

  replications(): Promise<ReplicationList> {
    return this.#hub.json('GET', '/v2/system/replications');
  }

  /** @throws HubInputError, ConflictError for a name that is taken. */
  createReplication(request: CreateReplicationRequest): Promise<Replication> {
    return this.#hub.json('POST', '/v2/system/replications', request);
  }

  /** @throws HubInputError */
  updateReplication(id: number, changes: UpdateReplicationRequest): Promise<Replication> {
    return this.#hub.json('PATCH', path`/v2/system/replications/${String(id)}`, changes);
  }

  async removeReplication(id: number): Promise<void> {
    await this.#hub.send('DELETE', path`/v2/system/replications/${String(id)}`);
  }

  async runReplication(id: number): Promise<void> {
    await this.#hub.send('POST', path`/v2/system/replications/${String(id)}/run`);
  }

  replicationItems(id: number, query: ReplicationItemQuery = {}): Promise<Page<ReplicationItem>> {
    return this.#hub.json(
      'GET',
      path`/v2/system/replications/${String(id)}/items` + queryString({ ...query }),
    );
  }
}

function retentionOf({ namespace, name }: RetentionScope): string {
  const base = path`/v2/namespaces/${namespace}`;
  return (name === undefined ? base : base + path`/repositories/${name}`) + '/retention';
}
