/** A push while its layers arrive, and that it has: said once to who hears the page, shown all along to who sees it. */
import { Progress, Text, VisuallyHidden } from '@mantine/core';
import { IconCloudUpload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { LiveState } from '../hub/live.ts';
import { useFormat } from '../text/format.ts';

export function PushProgress({ live: { progress, pushed } }: { readonly live: LiveState }) {
  const { t } = useTranslation();
  const said = progress ? t('live.arriving') : pushed ? t('live.pushed', { ...pushed }) : '';
  return (
    <>
      <VisuallyHidden role="status">{said}</VisuallyHidden>
      {progress && <Arriving progress={progress} />}
    </>
  );
}

function Arriving({
  progress: { arriving, blobs, bytes },
}: {
  readonly progress: NonNullable<LiveState['progress']>;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const total = arriving.reduce((sum, size) => sum + size, bytes);
  return (
    <section className="card panel push-progress" aria-label={t('live.arriving')}>
      <div className="push-progress-head">
        <IconCloudUpload size={18} aria-hidden />
        <Text fw={600}>{t('live.arriving')}</Text>
        <Text c="dimmed" size="sm" className="push-progress-bytes">
          {t('live.bytes', { size: format.bytes(total) })}
        </Text>
      </div>
      {/* Nobody says beforehand how large a layer is. */}
      <Progress value={100} animated size="sm" aria-hidden />
      <Text c="dimmed" size="sm">
        {t('live.layersArriving', { count: arriving.length, formatted: format.number(arriving.length) })}
        {blobs > 0 && ` · ${t('live.layersArrived', { count: blobs, formatted: format.number(blobs) })}`}
      </Text>
    </section>
  );
}
