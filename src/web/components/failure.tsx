/** What a page shows when its question failed: not found, sign in, not allowed, or try again. One map from error to page. */
import { Alert, Button, Stack, Text, Title } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import { HubInputError, HubRateLimitError } from '../../hub-api/client-errors.ts';
import {
  ConflictError,
  DeniedError,
  messageOf,
  NotFoundError,
  UnauthorizedError,
  UnavailableError,
} from '../../lib/errors.ts';
import { patterns, signInPath } from '../routes.ts';
import { usePageTitle } from '../text/page-title.ts';

interface FailureProps {
  readonly error: Error;
  readonly retry: () => unknown;
}

export function Failure({ error, retry }: FailureProps) {
  const { t } = useTranslation();
  if (error instanceof NotFoundError) return <NotFound />;
  if (error instanceof UnauthorizedError) return <SignInFirst />;
  if (error instanceof DeniedError) {
    return <Notice title={t('failure.deniedTitle')} text={t('failure.denied')} />;
  }
  return (
    <Notice title={t('failure.unexpectedTitle')} text={<FailureText error={error} />}>
      <Button variant="default" onClick={() => void retry()}>
        {t('common.retry')}
      </Button>
    </Notice>
  );
}

export function NotFound() {
  const { t } = useTranslation();
  usePageTitle(t('failure.notFoundTitle'));
  return (
    <Notice title={t('failure.notFoundTitle')} text={t('failure.notFound')}>
      <Button component={Link} to={patterns.home} variant="default">
        {t('failure.toHome')}
      </Button>
    </Notice>
  );
}

export function SignInFirst() {
  const { t } = useTranslation();
  const { pathname, search } = useLocation();
  return (
    <Notice title={t('failure.signInTitle')} text={t('failure.signIn')}>
      <Button component={Link} to={signInPath(pathname + search)}>
        {t('frame.signIn')}
      </Button>
    </Notice>
  );
}

interface NoticeProps {
  readonly title: string;
  readonly text: ReactNode;
  readonly children?: ReactNode;
}

/** A page that only says something, and offers the way on. */
function Notice({ title, text, children }: NoticeProps) {
  return (
    <Stack align="center" gap="md" py={64} ta="center" maw={520} mx="auto">
      <Title order={1} size="h2">
        {title}
      </Title>
      <Text c="dimmed">{text}</Text>
      {children}
    </Stack>
  );
}

interface FailureAlertProps {
  readonly error: Error | null;
  /** What a conflict means here, where it can only be one thing: in the reader's language. */
  readonly conflict?: string;
}

/** The refusal of something that was tried on a page which stays: above the form's button. */
export function FailureAlert({ error, conflict }: FailureAlertProps) {
  if (!error || (error instanceof HubInputError && Object.keys(error.fields).length > 0)) return null;
  return (
    <Alert color="red" variant="light" role="alert" icon={<IconPlugConnectedX aria-hidden />}>
      {error instanceof ConflictError && conflict !== undefined ? conflict : <FailureText error={error} />}
    </Alert>
  );
}

function FailureText({ error }: { readonly error: Error }) {
  const { t } = useTranslation();
  if (error instanceof HubRateLimitError) return t('failure.tooMany', { count: error.retryAfter });
  if (error instanceof UnavailableError) return t('failure.unreachable');
  if (error instanceof UnauthorizedError) return t('failure.sessionEnded');
  if (error instanceof DeniedError) return t('failure.denied');
  return messageOf(error);
}
