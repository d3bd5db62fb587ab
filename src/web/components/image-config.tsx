/** What a container of the image starts with: its configuration, in the words of a Dockerfile. */
import { Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ImageConfig } from '../../hub-api/types.ts';
import { useFormat } from '../text/format.ts';
import { Copy } from './command.tsx';

export function ImageConfiguration({ config }: { readonly config: ImageConfig | undefined }) {
  const { t } = useTranslation();
  if (!config) return null;
  return (
    <section>
      <Title order={2} size="h4" mb="sm">
        {t('image.config')}
      </Title>
      <div className="card panel config">
        <Facts config={config} />
        <Pairs title={t('image.env')} pairs={config.env.map(splitVariable)} />
        <Pairs
          title={t('image.labels')}
          pairs={config.labels.map(({ name, value }) => [name, value] as const)}
        />
        {config.is_cut && (
          <Text size="sm" c="dimmed" mt="md">
            {t('image.isCut')}
          </Text>
        )}
      </div>
    </section>
  );
}

function Facts({ config }: { readonly config: ImageConfig }) {
  const { t } = useTranslation();
  const texts: readonly (readonly [string, string])[] = [
    [t('image.entrypoint'), commandLine(config.entrypoint)],
    [t('image.cmd'), commandLine(config.cmd)],
    [t('image.workingDir'), config.working_dir],
    [t('image.user'), config.user],
    [t('image.ports'), config.ports.join(', ')],
    [t('image.volumes'), config.volumes.join(', ')],
    [t('image.stopSignal'), config.stop_signal],
    [t('image.shell'), commandLine(config.shell)],
    [t('image.onBuild'), config.on_build.join('; ')],
    [t('image.author'), config.author],
  ];
  const given = texts.filter(([, value]) => value !== '');
  return (
    <dl className="facts facts-config">
      {given.map(([name, value]) => (
        <Fact key={name} name={name}>
          <bdi className="mono">{value}</bdi>
        </Fact>
      ))}
      {config.health_check && (
        <Fact name={t('image.healthCheck')}>
          <HealthCheck check={config.health_check} />
        </Fact>
      )}
      {given.length === 0 && !config.health_check && (
        <Fact name={t('image.cmd')}>
          <Text c="dimmed" size="sm">
            {t('image.nothing')}
          </Text>
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd style={{ overflowWrap: 'anywhere' }}>{children}</dd>
    </div>
  );
}

function HealthCheck({ check }: { readonly check: NonNullable<ImageConfig['health_check']> }) {
  const { t } = useTranslation();
  const format = useFormat();
  // The first word says how the rest is run.
  const [kind, ...command] = check.test;
  return (
    <>
      <bdi className="mono">{kind === 'NONE' ? t('image.noHealthCheck') : command.join(' ')}</bdi>
      {check.interval > 0 && (
        <Text size="xs" c="dimmed">
          {t('image.every', { count: check.interval, formatted: format.number(check.interval) })}
        </Text>
      )}
    </>
  );
}

function Pairs({
  title,
  pairs,
}: {
  readonly title: string;
  readonly pairs: readonly (readonly [string, string])[];
}) {
  if (pairs.length === 0) return null;
  return (
    <>
      <Title order={3} size="h6" mt="lg" mb={6}>
        {title}
      </Title>
      <dl className="pairs" aria-label={title}>
        {pairs.map(([name, value], index) => (
          <div key={`${index}.${name}`}>
            <dt>
              <bdi className="mono">{name}</bdi>
            </dt>
            <dd>
              <Group gap={4} wrap="nowrap" align="flex-start">
                <bdi className="mono">{value}</bdi>
                {value !== '' && <Copy text={value} size="xs" />}
              </Group>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function splitVariable(line: string): readonly [string, string] {
  const at = line.indexOf('=');
  return at === -1 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}

/** As JSON where that tells more than the words: `["sh", "-c", "a b"]`. */
function commandLine(words: readonly string[]): string {
  return words.every((word) => /^[\w./:=@%+,-]+$/.test(word)) ? words.join(' ') : JSON.stringify(words);
}
