/** The platforms of a tag, as badges. */
import { Badge, Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { TagImage } from '../../hub-api/types.ts';

export function platformOf({ os, architecture, variant }: TagImage): string {
  return [os, architecture, variant].filter(Boolean).join('/');
}

export function Platforms({ images }: { readonly images: readonly TagImage[] }) {
  const { t } = useTranslation();
  return (
    <Group gap={6} role="group" aria-label={t('tags.platforms')}>
      {images.map((image) => (
        <Badge key={image.digest} variant="default" size="sm" tt="none" fw={500}>
          {platformOf(image)}
        </Badge>
      ))}
    </Group>
  );
}
