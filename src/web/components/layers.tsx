/** The layers of an image: a stacked bar of their sizes, and for each the command that made it, its digest and its share. */
import { Anchor, Group, Switch, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { TagLayer } from '../../hub-api/types.ts';
import { useFormat } from '../text/format.ts';
import { readInstruction } from '../text/instruction.ts';
import { DigestText } from './digest.tsx';

const colours = 6;

/** A step of the history; `number` counts only those that changed files. */
interface Step {
  readonly layer: TagLayer;
  readonly number: number | null;
  readonly key: number;
}

interface LayersProps {
  readonly layers: readonly TagLayer[];
  /** The address of what a layer changed, 0 the lowest. */
  readonly changesOf: (layer: number) => string;
}

export function Layers({ layers, changesOf }: LayersProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const [showsMetadata, setShowsMetadata] = useState(true);
  const steps = numbered(layers);
  const real = steps.filter(({ number }) => number !== null);
  const total = layers.reduce((sum, { size }) => sum + size, 0);
  if (real.length === 0) return <Text c="dimmed">{t('tag.noLayers')}</Text>;
  const count = { count: real.length, formatted: format.number(real.length), size: format.bytes(total) };
  return (
    <div className="card">
      <div className="row">
        <div className="layers-head">
          <Text size="sm" c="dimmed">
            {t('tag.layerCount', count)}
          </Text>
          {real.length < steps.length && (
            <Switch
              size="xs"
              label={t('tag.showMetadata')}
              checked={showsMetadata}
              onChange={(event) => setShowsMetadata(event.currentTarget.checked)}
            />
          )}
        </div>
        <Stack steps={real} />
      </div>
      <ol className="rows layer-rows">
        {(showsMetadata ? steps : real).map((step) => (
          <li key={step.key}>
            <LayerRow step={step} total={total} changesOf={changesOf} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function numbered(layers: readonly TagLayer[]): Step[] {
  let count = 0;
  return layers.map((layer, key) => ({ layer, key, number: layer.digest === null ? null : ++count }));
}

function Stack({ steps }: { readonly steps: readonly Step[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className="layer-stack" role="img" aria-label={t('tag.stack')}>
      {steps.map(({ layer, number, key }) => (
        <span
          key={key}
          className={colourOf(number ?? 0)}
          style={{ flexGrow: layer.size }}
          title={t('tag.layerTitle', { number, size: format.bytes(layer.size) })}
        />
      ))}
    </div>
  );
}

interface LayerRowProps extends Pick<LayersProps, 'changesOf'> {
  readonly step: Step;
  readonly total: number;
}

function LayerRow({ step, total, changesOf }: LayerRowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { layer, number } = step;
  const share = total === 0 ? 0 : layer.size / total;
  const command = readInstruction(layer.instruction);
  return (
    <div className="layer-row" data-metadata={number === null}>
      <span className="layer-number">{number}</span>
      <div>
        <div className="layer-command">{command || <Text c="dimmed">{t('tag.noCommand')}</Text>}</div>
        {layer.comment && (
          <Text size="xs" c="dimmed" mt={2}>
            {layer.comment}
          </Text>
        )}
        {layer.digest !== null && (
          <Group gap="sm" fz="xs" c="dimmed" mt={4}>
            <DigestText digest={layer.digest} />
            {number !== null && (
              <Anchor
                component={Link}
                to={changesOf(number - 1)}
                fz="xs"
                aria-label={t('tag.layerChanges', { number })}
              >
                {t('files.changes')}
              </Anchor>
            )}
          </Group>
        )}
      </div>
      <div className="layer-size">
        {number === null ? (
          <Text size="xs" c="dimmed">
            {t('tag.noChange')}
          </Text>
        ) : (
          <>
            <Text size="sm" title={t('tag.share', { share: format.share(share) })}>
              {format.bytes(layer.size)}
            </Text>
            <div className="layer-bar" aria-hidden>
              <span className={colourOf(number)} style={{ width: `${share * 100}%` }} />
            </div>
          </>
        )}
      </div>
    </div>
  );
}

function colourOf(number: number): string {
  return `layer-${(number - 1 + colours) % colours}`;
}
