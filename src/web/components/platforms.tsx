/** The platforms of a tag, as badges, each with its size where there are several. */
import { Badge, Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { TagImage } from '../../hub-api/types.ts';
import { realImages } from '../hub/shown-image.ts';
import { useFormat } from '../text/format.ts';

/** The rest is on the tag's own page. */
const maxShown = 8;

export function platformOf({
  os,
  architecture,
  variant,
}: Pick<TagImage, 'os' | 'architecture' | 'variant'>): string {
  return [os, architecture, variant].filter(Boolean).join('/');
}

export function Platforms({ images: all }: { readonly images: readonly TagImage[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const images = realImages(all);
  const more = images.length - maxShown;
  return (
    <Group gap={6} role="group" aria-label={t('tags.platforms')}>
      {images.slice(0, maxShown).map((image) => (
        <Badge key={image.digest} variant="default" size="sm" tt="none" fw={500}>
          {images.length > 1 ? `${platformOf(image)} · ${format.bytes(image.size)}` : platformOf(image)}
        </Badge>
      ))}
      {more > 0 && <span>{t('tags.morePlatforms', { count: more, formatted: format.number(more) })}</span>}
    </Group>
  );
}
