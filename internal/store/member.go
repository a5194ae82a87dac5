package store

import (
	"context"
	"fmt"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/audit"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/mail"
	"vitrine/internal/text"
)

// MemberID names somebody's place in a store. The owner's is their account's id.
type MemberID struct{ id.UUID }

// Member is somebody who may see a store: its owner, or whoever was invited.
type Member struct {
	ID        MemberID
	Account   *account.ID // nil until somebody has registered with the address
	Email     string
	Role      Role
	CreatedAt time.Time
	UpdatedAt time.Time
}

// everybody are the members of the store $1: its owner, and those who were invited.
const everybody = `(
	SELECT a.id, a.id AS account_id, a.email, 'owner' AS role, s.created_at, s.created_at AS updated_at
	FROM store s JOIN account a ON a.id = s.account_id WHERE s.id = $1
	UNION ALL
	SELECT m.id, a.id, m.email, m.role, m.created_at, m.updated_at
	FROM member m LEFT JOIN account a ON a.email_key = m.email_key AND a.unverified_since IS NULL WHERE m.store_id = $1
) member`

const memberColumns = `id, account_id, email, role, created_at, updated_at`

func scanMember(row db.Row) (Member, error) {
	var m Member
	var created, updated db.Time
	err := row.Scan(&m.ID, &m.Account, &m.Email, &m.Role, &created, &updated)
	m.CreatedAt, m.UpdatedAt = created.Time, updated.Time
	return m, err
}

// GetMember returns a member of a store.
func GetMember(ctx context.Context, q db.Q, st ID, m MemberID) (Member, error) {
	found, err := db.One(ctx, q, scanMember, `SELECT `+memberColumns+` FROM `+everybody+` WHERE id = $2`, st, m)
	return found, db.Missing(err, "member")
}

// ListMembers returns a page of a store's members, the newest first and so the
// owner last.
func ListMembers(ctx context.Context, q db.Q, st ID, p db.Page) ([]Member, bool, error) {
	w := db.Where{Args: []any{st}}
	return db.Paged(ctx, q, p, w, scanMember, `SELECT `+memberColumns+` FROM `+everybody)
}

// maxMembers bounds how many people can be invited to one store.
const maxMembers = 1000

// Invite gives a role to whoever has, or will register with, an e-mail address. by
// is who invites.
func Invite(ctx context.Context, tx *db.Tx, st ID, by account.ID, email string, r Role) (Member, error) {
	var f fault.Form
	email = text.Email(&f, "email", email)
	checkRole(&f, r)
	if err := f.Err(); err != nil {
		return Member{}, err
	}
	s, err := manage(ctx, tx, st, by)
	if err != nil {
		return Member{}, err
	}
	owner, err := account.Get(ctx, tx, s.Owner)
	if err != nil {
		return Member{}, err
	}
	if account.EmailKey(owner.Email) == account.EmailKey(email) {
		return Member{}, fault.Refusedf("member_exists", "%s is the owner of this store.", email)
	}
	n, err := db.One(ctx, tx, db.Value[int], `SELECT count(*) FROM member WHERE store_id = $1`, st)
	if err != nil {
		return Member{}, err
	}
	if n >= maxMembers {
		return Member{}, fault.Refusedf("too_many_members", "A store can have at most %d members.", maxMembers)
	}
	m := MemberID{tx.NewID()}
	_, err = db.Exec(ctx, tx, `
		INSERT INTO member (store_id, id, email, email_key, role, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $6)`,
		st, m, email, account.EmailKey(email), string(r), db.Time{Time: tx.Now()})
	if tx.Violates(err, "member_email") {
		return Member{}, fault.Refusedf("member_exists", "%s has been invited already.", email)
	}
	if err != nil {
		return Member{}, err
	}
	if err := tell(ctx, tx, s, owner, email, r, m); err != nil {
		return Member{}, err
	}
	if err := audit.InStore(ctx, tx, st.UUID, audit.MemberAdd, Member{ID: m, Email: email}.thing()); err != nil {
		return Member{}, err
	}
	return GetMember(ctx, tx, st, m)
}

// tell mails somebody that they are invited.
func tell(ctx context.Context, tx *db.Tx, s Store, owner account.User, email string, r Role, m MemberID) error {
	return mail.Queue(ctx, tx, mail.Message{
		To: email, Subject: "You are invited to " + s.Name, Key: "member/" + m.String(),
		Text: fmt.Sprintf("Hello,\n\n%s invites you to the store %s, as %s.\n\nSign in with this address and the store is there:\n\n%s/dashboard\n\nIf you have no account yet, create one with this address:\n\n%s/register\n",
			owner.Email, s.Name, r, mail.Site, mail.Site),
	})
}

func checkRole(f *fault.Form, r Role) {
	if !r.given() {
		f.Addf("role", string(r), "must be admin, staff or viewer")
	}
}

// manage lets one transaction at a time change the members of a store, in which by
// must be an admin. It looks anew, since the request that asks began earlier: an
// admin who is being made a viewer cannot undo that.
func manage(ctx context.Context, tx *db.Tx, st ID, by account.ID) (Store, error) {
	if err := tx.Lock(ctx, "members of "+st.String()); err != nil {
		return Store{}, err
	}
	s, err := Get(ctx, tx, by, st)
	if err != nil || s.Owner == by {
		return s, err
	}
	r, err := db.One(ctx, tx, db.Value[Role], `
		SELECT m.role FROM member m JOIN account a ON a.email_key = m.email_key AND a.unverified_since IS NULL WHERE m.store_id = $1 AND a.id = $2`, st, by)
	if err != nil {
		return Store{}, db.Missing(err, "store")
	}
	if !r.Includes(Admin) {
		return Store{}, fault.Forbiddenf("role", "Only the owner and admins manage the members of a store.")
	}
	return s, nil
}

// ChangeRole gives a member another role. by is who changes it. The owner's stays.
func ChangeRole(ctx context.Context, tx *db.Tx, st ID, by account.ID, id MemberID, edit func(*Role)) (Member, error) {
	m, err := managed(ctx, tx, st, by, id)
	if err != nil {
		return Member{}, err
	}
	was := m.Role
	edit(&m.Role)
	if m.Role == was {
		return m, nil
	}
	var f fault.Form
	if checkRole(&f, m.Role); f.Err() != nil {
		return Member{}, f.Err()
	}
	if was == Owner {
		return Member{}, errOwnerStays
	}
	if m.Account != nil && *m.Account == by && !was.Includes(m.Role) {
		return Member{}, fault.Forbiddenf("role", "Nobody raises their own role.")
	}
	m.UpdatedAt = tx.Now()
	_, err = db.Exec(ctx, tx, `UPDATE member SET role = $3, updated_at = $4 WHERE store_id = $1 AND id = $2`, st, id, string(m.Role), db.Time{Time: tx.Now()})
	if err != nil {
		return Member{}, err
	}
	return m, audit.InStore(ctx, tx, st.UUID, audit.MemberChange, m.thing(), "role")
}

// thing is the member as logs name them.
func (m Member) thing() audit.Thing {
	return audit.Thing{Kind: "member", ID: m.ID.String(), Name: m.Email}
}

var errOwnerStays = fault.Refusedf("owner_stays", "The owner of a store stays its owner.")

// Remove ends somebody's membership: at their next request the store is not there.
func Remove(ctx context.Context, tx *db.Tx, st ID, by account.ID, id MemberID) error {
	m, err := managed(ctx, tx, st, by, id)
	if err != nil {
		return err
	}
	if m.Role == Owner {
		return errOwnerStays
	}
	if _, err = db.Exec(ctx, tx, `DELETE FROM member WHERE store_id = $1 AND id = $2`, st, id); err != nil {
		return err
	}
	return audit.InStore(ctx, tx, st.UUID, audit.MemberRemove, m.thing())
}

// managed returns a member to somebody who may manage them.
func managed(ctx context.Context, tx *db.Tx, st ID, by account.ID, id MemberID) (Member, error) {
	if _, err := manage(ctx, tx, st, by); err != nil {
		return Member{}, err
	}
	return GetMember(ctx, tx, st, id)
}
