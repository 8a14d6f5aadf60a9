import { durationTextShort } from '../../format/duration.js';
import { dateText } from '../../format/time.js';
import { text } from '../../text/index.js';
import { RowMenu } from '../../ui/row-menu.js';
import { Section } from '../../ui/section.js';
import table from '../../ui/table.module.css';
import { useActiveAccount, useMe, useZone } from '../session/queries.js';
import type { Member } from './queries.js';
import { RoleSelect } from './role-select.js';
import styles from './users.module.css';

interface PeopleProps {
  readonly members: readonly Member[];
  readonly onRemove: (member: Member) => void;
}

export function People({ members, onRemove }: PeopleProps) {
  const account = useActiveAccount();
  const { columns, ...t } = text.users;
  const owners = members.filter(({ role }) => role === 'owner').length;
  return (
    <Section title={t.people(account?.name ?? '')} note={t.peopleNote}>
      <table className={`${table.table ?? ''} ${styles.table ?? ''}`}>
        <thead>
          <tr>
            <th scope="col">{columns.person}</th>
            <th scope="col">{columns.role}</th>
            <th scope="col">{columns.factor}</th>
            <th scope="col">{columns.joined}</th>
            <th scope="col">{columns.lastSeen}</th>
            <th scope="col">
              <span className="visually-hidden">{columns.actions}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {members.map((member) => (
            <Person
              key={member.user_id}
              member={member}
              mayManage={account?.role === 'owner'}
              isLastOwner={member.role === 'owner' && owners === 1}
              onRemove={onRemove}
            />
          ))}
        </tbody>
      </table>
    </Section>
  );
}

interface PersonProps {
  readonly member: Member;
  readonly mayManage: boolean;
  readonly isLastOwner: boolean;
  readonly onRemove: PeopleProps['onRemove'];
}

function Person({ member, mayManage, isLastOwner, onRemove }: PersonProps) {
  const zone = useZone();
  const isSelf = useMe().user?.id === member.user_id;
  const { columns, ...t } = text.users;
  const seen = member.last_seen_at;
  return (
    <tr>
      <td className={table.whole}>
        <span className={styles.person}>
          <span className={styles.avatar} aria-hidden="true">
            {(member.name ?? member.email).slice(0, 2).toUpperCase()}
          </span>
          <span>
            <span className={styles.name}>{member.name ?? member.email}</span> {isSelf && t.you}
            {member.name !== null && <span className={table.sub}>{member.email}</span>}
          </span>
        </span>
      </td>
      <td data-l={columns.role}>
        {mayManage ? (
          <RoleSelect member={member} isSelf={isSelf} reason={isLastOwner ? t.lastOwner : undefined} />
        ) : (
          t.roles[member.role]
        )}
      </td>
      <td data-l={columns.factor}>{member.totp_enabled ? t.factor.on : t.factor.off}</td>
      <td data-l={columns.joined}>{dateText(member.joined_at, zone)}</td>
      <td data-l={columns.lastSeen}>{seen === null ? t.never : t.ago(durationTextShort(Date.now() - Date.parse(seen)))}</td>
      <td className={`${table.right ?? ''} ${table.menu ?? ''}`}>
        {(mayManage || isSelf) && !isLastOwner && (
          <RowMenu
            label={t.menu(member.email)}
            actions={[{ label: isSelf ? t.leave : t.remove, onClick: () => onRemove(member) }]}
          />
        )}
      </td>
    </tr>
  );
}
