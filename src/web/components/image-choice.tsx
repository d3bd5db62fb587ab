/** Which platform of a tag is looked at, where there is more than one. */
import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ShownImage } from '../hub/shown-image.ts';
import { platformOf } from './platforms.tsx';

interface ImageChoiceProps {
  readonly tag: ShownImage;
  readonly digest: string | null;
  readonly onChange: (digest: string | null) => void;
}

export function ImageChoice({ tag, digest, onChange }: ImageChoiceProps) {
  const { t } = useTranslation();
  if (tag.images.length < 2) return null;
  return (
    <Select
      label={t('tag.platform')}
      data={tag.images.map((each) => ({ value: each.digest, label: platformOf(each) }))}
      value={digest}
      onChange={onChange}
      allowDeselect={false}
      maw={260}
    />
  );
}
