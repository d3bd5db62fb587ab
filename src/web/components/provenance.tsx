/** Where an image is from: who built it, when, of which files and images. */
import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Provenance } from '../../hub-api/types.ts';
import { useFormat } from '../text/format.ts';
import { RelativeTime } from './relative-time.tsx';

export function ProvenanceFacts({ provenance }: { readonly provenance: Provenance }) {
  const { t } = useTranslation();
  const {
    builder,
    source,
    path,
    finished,
    is_reproducible: isReproducible,
    materials,
    is_cut: isCut,
  } = provenance;
  const facts: readonly (readonly [string, ReactNode])[] = [
    [t('attestations.builder'), <bdi key="builder">{builder || t('attestations.unsaid')}</bdi>],
    [t('attestations.source'), <bdi key="source">{source || t('attestations.localDirectory')}</bdi>],
    ...(path === '' ? [] : [[t('attestations.dockerfile'), <bdi key="path">{path}</bdi>] as const]),
    ...(finished === null
      ? []
      : [[t('attestations.built'), <Built key="built" provenance={provenance} />] as const]),
    [t('attestations.reproducible'), isReproducible ? t('attestations.saidSo') : t('attestations.notSaid')],
  ];
  return (
    <>
      <dl className="facts facts-config">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd style={{ overflowWrap: 'anywhere' }}>{value}</dd>
          </div>
        ))}
      </dl>
      <Pairs
        title={t('attestations.materials')}
        pairs={materials.map(({ name, digest }) => [name, digest] as const)}
      />
      <Pairs
        title={t('attestations.arguments')}
        pairs={provenance.arguments.map(({ name, value }) => [name, value] as const)}
      />
      {isCut && (
        <Text size="sm" c="dimmed" mt="md">
          {t('image.isCut')}
        </Text>
      )}
    </>
  );
}

function Built({ provenance: { started, finished } }: { readonly provenance: Provenance }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (finished === null) return null;
  const seconds = started === null ? 0 : Math.round((Date.parse(finished) - Date.parse(started)) / 1000);
  return (
    <>
      <RelativeTime time={finished} />
      {seconds > 0 && ` · ${t('attestations.took', { count: seconds, formatted: format.number(seconds) })}`}
    </>
  );
}

interface PairsProps {
  readonly title: string;
  readonly pairs: readonly (readonly [string, string])[];
}

function Pairs({ title, pairs }: PairsProps) {
  if (pairs.length === 0) return null;
  return (
    <>
      <Title order={4} size="h6" mt="lg" mb={6}>
        {title}
      </Title>
      <dl className="pairs" aria-label={title}>
        {pairs.map(([name, value], index) => (
          <div key={`${index}.${name}`}>
            <dt>
              <bdi className="mono">{name}</bdi>
            </dt>
            <dd>
              <bdi className="mono">{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}
