package api

import (
	"context"
	"net/http"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// Member is somebody who may see a store.
type Member struct {
	ID        string  `json:"id" format:"uuid"`
	UserID    *string `json:"user_id" format:"uuid" doc:"null until somebody has registered with the address."`
	Email     string  `json:"email"`
	Role      string  `json:"role" enum:"owner,admin,staff,viewer"`
	Status    string  `json:"status" enum:"active,invited" doc:"invited: until somebody has registered with the address."`
	CreatedAt string  `json:"created_at" format:"date-time"`
	UpdatedAt string  `json:"updated_at" format:"date-time"`
}

func toMember(m store.Member) Member {
	out := Member{ID: m.ID.String(), Email: m.Email, Role: string(m.Role), Status: "invited", CreatedAt: utc(m.CreatedAt), UpdatedAt: utc(m.UpdatedAt)}
	if m.Account != nil {
		user := m.Account.String()
		out.UserID, out.Status = &user, "active"
	}
	return out
}

type inviteInput struct {
	StorePath
	Body struct {
		Email string `json:"email"`
		Role  string `json:"role" doc:"admin, staff or viewer"`
	}
}

type updateMemberInput struct {
	MemberPath
	Body struct {
		Role Opt[string] `json:"role,omitempty" doc:"admin, staff or viewer"`
	}
}

// MemberPath is the path of one member.
type MemberPath struct {
	StorePath
	ID store.MemberID `path:"member_id" format:"uuid" doc:"The member's id."`
}

// roles is what the reference says about them.
const roles = "A `viewer` reads. `staff` run the shop: catalog, discounts, tax, themes, stock, orders and reviews. " +
	"An `admin` also manages members and webhooks, changes the store's settings and its domain. " +
	"Only the `owner` clones and deletes the store and buys domains for it."

func (a *API) memberRoutes() {
	const tag, path, one = "Members", storePath + "/members", storePath + "/members/{member_id}"
	there := exists(a, "member_id", store.GetMember)
	register(a, route{
		method: http.MethodPost, path: path, id: "invite-member", tag: tag, role: store.Admin, status: http.StatusCreated, summary: "Invite somebody",
		detail: "Whoever has the account with the address gets access at once, others when they register. " + roles,
	}, a.inviteMember)
	register(a, route{method: http.MethodGet, path: path, id: "list-members", tag: tag, summary: "List members", detail: "The newest first, the owner last."}, a.listMembers)
	register(a, route{method: http.MethodGet, path: one, id: "get-member", tag: tag, summary: "Get a member", guard: there}, a.getMember)
	register(a, route{method: http.MethodPatch, path: one, id: "update-member", tag: tag, role: store.Admin, summary: "Change a member's role", detail: "Nobody raises their own; the owner stays the owner.", guard: there}, a.updateMember)
	register(a, route{method: http.MethodDelete, path: one, id: "delete-member", tag: tag, role: store.Admin, status: http.StatusNoContent, summary: "Remove a member", guard: there}, a.deleteMember)
}

func (a *API) inviteMember(ctx context.Context, in *inviteInput) (*answer[Member], error) {
	return once(ctx, a, func(tx *db.Tx) (*answer[Member], error) {
		m, err := store.Invite(ctx, tx, shop(ctx).ID, caller(ctx).ID, in.Body.Email, store.Role(in.Body.Role))
		return made(m, err, toMember)
	})
}

func (a *API) listMembers(ctx context.Context, in *listInput) (*listed[Member], error) {
	return pageOf(ctx, a, &in.PageQuery, store.ListMembers, toMember, func(m store.Member) id.UUID { return m.ID.UUID })
}

func (a *API) getMember(ctx context.Context, in *MemberPath) (*answer[Member], error) {
	m, err := store.GetMember(ctx, a.DB, shop(ctx).ID, in.ID)
	return shown(m, err, toMember)
}

func (a *API) updateMember(ctx context.Context, in *updateMemberInput) (*answer[Member], error) {
	m, err := inTx(ctx, a, func(tx *db.Tx) (store.Member, error) {
		return store.ChangeRole(ctx, tx, shop(ctx).ID, caller(ctx).ID, in.ID, func(r *store.Role) {
			if in.Body.Role.Set {
				*r = store.Role(in.Body.Role.Value)
			}
		})
	})
	return shown(m, err, toMember)
}

func (a *API) deleteMember(ctx context.Context, in *MemberPath) (*nothing, error) {
	return gone(ctx, a, func(tx *db.Tx) error { return store.Remove(ctx, tx, shop(ctx).ID, caller(ctx).ID, in.ID) })
}
