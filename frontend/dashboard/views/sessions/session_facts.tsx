// What is known of a session: when it was, who it was and where the visitor came from.

import type { Session } from '../../api/types'
import { dimensionName, valueName } from '../../format/names'
import { formatDuration } from '../../format/numbers'
import { formatMoment, zoneName } from '../../format/times'
import { label, t } from '../../i18n/translate'
import { SOURCE_DIMENSIONS, VISITOR_DIMENSIONS } from '../../query/dimensions'

const DIMENSIONS = ['user_id', ...VISITOR_DIMENSIONS, ...SOURCE_DIMENSIONS] as const

export const SessionFacts = ({ session }: { session: Session }) => (
  <dl class="facts-grid">
    <Fact name={t('started')} value={formatMoment(session.start_time)} />
    <Fact name={t('zone')} value={zoneName()} />
    <Fact
      name={label('metrics', 'session_duration')}
      value={formatDuration(session.duration)}
    />
    <Fact name={label('metrics', 'engaged_time')} value={formatDuration(session.engaged_time)} />
    {DIMENSIONS.filter((dimension) => session[dimension]).map((dimension) => (
      <Fact
        key={dimension}
        name={dimensionName(dimension)}
        value={valueName(dimension, session[dimension])}
      />
    ))}
  </dl>
)

const Fact = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
)
