/** The text of a file of an image, or why there is none to show. */
import { Skeleton, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ImageAddress } from '../../hub-api/client.ts';
import { isFailed, useFileContent } from '../hub/queries.ts';
import { useFormat } from '../text/format.ts';
import { Failure } from './failure.tsx';

interface FileTextProps {
  readonly image: ImageAddress;
  readonly path: string;
}

export function FileText({ image, path }: FileTextProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const content = useFileContent(image, { path });
  if (content.isPending) return <Skeleton height={120} m="md" aria-label={t('common.loading')} />;
  if (isFailed(content)) return <Failure error={content.error} retry={content.refetch} />;
  const { text, reason, file } = content.data;
  if (text === null) {
    const size = format.bytes(file.size);
    return (
      <Text c="dimmed" className="row">
        {reason === 'binary' ? t('files.binary', { size }) : t('files.tooLarge', { size })}
      </Text>
    );
  }
  return (
    <pre className="file-text" tabIndex={0} aria-label={file.name}>
      {text}
    </pre>
  );
}
