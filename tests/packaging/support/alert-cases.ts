/** For each alert what makes it fire, and what is not yet a reason: series in promtool's notation, a value for each minute. */

export interface AlertCase {
  /** When somebody looks, in minutes. */
  readonly at: number;
  readonly fires: Readonly<Record<string, string>>;
  readonly quiet: Readonly<Record<string, string>>;
  /** Of the alert that fires, beside its severity. */
  readonly labels?: Readonly<Record<string, string>>;
}

const pull = 'cais_hub_request_duration_seconds_bucket{method="GET",route="/v2/{name}/manifests/{reference}"';
const lag = 'cais_hub_event_loop_lag_seconds_bucket{instance="a"';
const a = { instance: 'a' };

export const alertCases: Readonly<Record<string, AlertCase>> = {
  HubDown: {
    at: 5,
    fires: { 'up{job="cais-hub",instance="a"}': '1 0x10' },
    quiet: { 'up{job="cais-hub",instance="a"}': '1 0 0 1x10', 'up{job="other",instance="b"}': '0x10' },
    labels: { job: 'cais-hub', ...a },
  },
  HubErrors: {
    at: 15,
    fires: {
      'cais_hub_requests_total{status="503"}': '0+3x20',
      'cais_hub_requests_total{status="200"}': '0+97x20',
    },
    quiet: {
      'cais_hub_requests_total{status="503"}': '0+1x20',
      'cais_hub_requests_total{status="404"}': '0+99x20',
    },
  },
  HubSlowPulls: {
    at: 20,
    fires: {
      [`${pull},le="0.5"}`]: '0+98x30',
      [`${pull},le="1"}`]: '0+100x30',
      [`${pull},le="+Inf"}`]: '0+100x30',
    },
    quiet: {
      [`${pull},le="0.5"}`]: '0+100x30',
      [`${pull},le="1"}`]: '0+100x30',
      [`${pull},le="+Inf"}`]: '0+100x30',
    },
  },
  HubEventLoopLag: {
    at: 15,
    fires: {
      [`${lag},le="0.25"}`]: '0+50x20',
      [`${lag},le="0.5"}`]: '0+120x20',
      [`${lag},le="+Inf"}`]: '0+120x20',
    },
    quiet: {
      [`${lag},le="0.25"}`]: '0+118x20',
      [`${lag},le="0.5"}`]: '0+120x20',
      [`${lag},le="+Inf"}`]: '0+120x20',
    },
    labels: a,
  },
  HubDatabaseFailures: {
    at: 15,
    fires: { 'cais_hub_database_failures_total{kind="select"}': '0+30x20' },
    quiet: { 'cais_hub_database_failures_total{kind="select"}': '0+3x20' },
  },
  HubDatabaseConnectionsShort: {
    at: 10,
    fires: { 'cais_hub_database_waiting{for="connection",instance="a"}': '10x20' },
    quiet: {
      'cais_hub_database_waiting{for="connection",instance="a"}': '2x20',
      'cais_hub_database_waiting{for="write",instance="a"}': '10x20',
    },
    labels: a,
  },
  HubStoreFailures: {
    at: 20,
    fires: { cais_hub_store_retries_total: '0+60x30' },
    quiet: { cais_hub_store_retries_total: '0+10x30' },
  },
  HubGarbageFails: {
    at: 5,
    fires: { 'cais_hub_collections_total{result="failed",instance="a"}': '0 0 1x10' },
    quiet: {
      'cais_hub_collections_total{result="failed",instance="a"}': '3x10',
      'cais_hub_collections_total{result="done",instance="a"}': '0+1x10',
    },
    labels: { result: 'failed', ...a },
  },
  EngineDown: {
    at: 5,
    fires: { 'up{job="cais-engine",instance="a"}': '1 0x10' },
    quiet: { 'up{job="cais-engine",instance="a"}': '1 0 0 1x10' },
    labels: { job: 'cais-engine', ...a },
  },
  EngineDiskShort: {
    at: 10,
    fires: {
      'cais_engine_disk_bytes{part="size",instance="a"}': '100x20',
      'cais_engine_disk_bytes{part="free",instance="a"}': '9x20',
    },
    quiet: {
      'cais_engine_disk_bytes{part="size",instance="a"}': '100x20',
      'cais_engine_disk_bytes{part="free",instance="a"}': '11x20',
    },
    labels: a,
  },
  EnginePullsFail: {
    at: 20,
    fires: { 'cais_engine_failed_actions_total{object="image",action="pull",instance="a"}': '0+1x30' },
    quiet: {
      'cais_engine_failed_actions_total{object="image",action="pull",instance="a"}': '0 1 2 3x30',
      'cais_engine_failed_actions_total{object="container",action="start",instance="a"}': '0+9x30',
    },
    labels: a,
  },
  EngineHealthChecksFail: {
    at: 20,
    fires: {
      'engine_daemon_health_checks_total{job="cais-engine",instance="a"}': '0+10x30',
      'engine_daemon_health_checks_failed_total{job="cais-engine",instance="a"}': '0+6x30',
    },
    quiet: {
      'engine_daemon_health_checks_total{job="cais-engine",instance="a"}': '0+10x30',
      'engine_daemon_health_checks_failed_total{job="cais-engine",instance="a"}': '0+4x30',
      'engine_daemon_health_checks_total{job="docker",instance="b"}': '0+10x30',
      'engine_daemon_health_checks_failed_total{job="docker",instance="b"}': '0+10x30',
    },
    labels: a,
  },
};
