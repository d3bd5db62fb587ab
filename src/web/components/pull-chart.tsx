/** Pulls by day: bars for who sees them, a table for who hears them. */
import { Skeleton, SegmentedControl, Text, Title, VisuallyHidden } from '@mantine/core';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Pulls, Repository } from '../../hub-api/types.ts';
import { isFailed, usePulls } from '../hub/queries.ts';
import { useFormat } from '../text/format.ts';
import { Failure } from './failure.tsx';

const periods = [7, 30, 90] as const;
type Period = (typeof periods)[number];
/** Of the drawing, in its own units: it is as wide as its column. */
const height = 60;
const barWidth = 10;
const gap = 2;
/** A day with pulls is seen, however many other days have. */
const leastBar = 2;

export function PullChart({ repository }: { readonly repository: Repository }) {
  const { t } = useTranslation();
  const [days, setDays] = useState<Period>(30);
  const pulls = usePulls(repository.namespace, repository.name, days);
  return (
    <section>
      <div className="pulls-head">
        <Title order={2} size="h5">
          {t('pulls.title')}
        </Title>
        <SegmentedControl
          size="xs"
          aria-label={t('pulls.period')}
          value={String(days)}
          onChange={(value) => setDays(periods.find((period) => String(period) === value) ?? 30)}
          data={periods.map((period) => ({
            value: String(period),
            label: t('pulls.days', { count: period }),
          }))}
        />
      </div>
      {pulls.isPending ? (
        <Skeleton height={height} aria-label={t('common.loading')} />
      ) : isFailed(pulls) ? (
        <Failure error={pulls.error} retry={pulls.refetch} />
      ) : (
        <Chart days={pulls.data.days} />
      )}
    </section>
  );
}

function Chart({ days }: { readonly days: Pulls['days'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const title = useId();
  const sum = days.reduce((all, { pulls }) => all + pulls, 0);
  const first = days[0];
  const last = days.at(-1);
  if (sum === 0 || !first || !last) return <Text c="dimmed">{t('pulls.none', { count: days.length })}</Text>;
  const most = Math.max(...days.map(({ pulls }) => pulls));
  const summary = t('pulls.summary', { count: sum, formatted: format.number(sum), days: days.length });
  return (
    <>
      <Text size="sm" c="dimmed" id={title} mb={6}>
        {summary}
      </Text>
      <svg
        className="pulls-chart"
        viewBox={`0 0 ${days.length * barWidth} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-labelledby={title}
      >
        {days.map(({ date, pulls }, index) => {
          const bar = pulls === 0 ? 0 : Math.max(leastBar, (pulls / most) * height);
          return (
            <g key={date}>
              {/* The whole column tells, not only the bar. */}
              <rect className="pulls-day" x={index * barWidth} y={0} width={barWidth} height={height}>
                <title>{`${format.day(date)}: ${t('list.pulls', { count: pulls, formatted: format.number(pulls) })}`}</title>
              </rect>
              <rect
                className="pulls-bar"
                x={index * barWidth + gap / 2}
                y={height - bar}
                width={barWidth - gap}
                height={bar}
              />
            </g>
          );
        })}
      </svg>
      <div className="pulls-ends" aria-hidden>
        <span>{format.day(first.date)}</span>
        <span>{format.day(last.date)}</span>
      </div>
      <VisuallyHidden>
        <table>
          <caption>{summary}</caption>
          <thead>
            <tr>
              <th scope="col">{t('pulls.day')}</th>
              <th scope="col">{t('pulls.title')}</th>
            </tr>
          </thead>
          <tbody>
            {days
              .filter(({ pulls }) => pulls > 0)
              .map(({ date, pulls }) => (
                <tr key={date}>
                  <th scope="row">{format.day(date)}</th>
                  <td>{format.number(pulls)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </>
  );
}
