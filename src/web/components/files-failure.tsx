/** What stands in the place of files that cannot be shown. */
import { Alert } from '@mantine/core';
import { IconFileUnknown } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { NotFoundError } from '../../lib/errors.ts';
import { Failure } from './failure.tsx';

interface FilesFailureProps {
  readonly error: Error;
  readonly retry: () => unknown;
}

/** The image is there, or its page would not have asked: what is not is the directory, or a layer that is an archive. */
export function FilesFailure({ error, retry }: FilesFailureProps) {
  const { t } = useTranslation();
  if (!(error instanceof NotFoundError)) return <Failure error={error} retry={retry} />;
  return (
    <Alert color="gray" icon={<IconFileUnknown aria-hidden />} title={t('files.cannot')}>
      {t('files.cannotText')}
    </Alert>
  );
}
