package audit

// Action is what was done, by a name that stays.
type Action string

// What is done to an account.
const (
	Register          Action = "user.register"
	SignIn            Action = "user.sign_in"
	SignInFailed      Action = "user.sign_in_failed"
	SignOut           Action = "user.sign_out"
	SignOutElsewhere  Action = "user.sign_out_elsewhere"
	ConfirmAddress    Action = "user.confirm_address"
	TwoFactorOn       Action = "user.two_factor_on"
	TwoFactorOff      Action = "user.two_factor_off"
	NewRecoveryCodes  Action = "user.recovery_codes"
	PasswordChange    Action = "user.password_change"
	PasswordForgotten Action = "user.password_forgotten"
	PasswordReset     Action = "user.password_reset"
	TokenCreate       Action = "token.create"
	TokenDelete       Action = "token.delete"
	PlanChange        Action = "plan.change"
	StoreDelete       Action = "store.delete"
)

// What is done to a store. StoreCreate and StoreClone are in its owner's log, too.
const (
	StoreCreate      Action = "store.create"
	StoreClone       Action = "store.clone"
	StoreImport      Action = "store.import"
	SettingsChange   Action = "settings.change"
	MemberAdd        Action = "member.add"
	MemberChange     Action = "member.change"
	MemberRemove     Action = "member.remove"
	WebhookCreate    Action = "webhook.create"
	WebhookChange    Action = "webhook.change"
	WebhookDelete    Action = "webhook.delete"
	DomainConnect    Action = "domain.connect"
	DomainVerify     Action = "domain.verify"
	DomainCertify    Action = "domain.certify"
	DomainDisconnect Action = "domain.disconnect"
	DomainBuy        Action = "domain.buy"
	DomainRenew      Action = "domain.renew"
	DomainAutoRenew  Action = "domain.auto_renew"
	RecordCreate     Action = "dns.record.create"
	RecordChange     Action = "dns.record.change"
	RecordDelete     Action = "dns.record.delete"
	ThemeCreate      Action = "theme.create"
	ThemeChange      Action = "theme.change"
	ThemeDelete      Action = "theme.delete"
	TaxRuleCreate    Action = "tax_rule.create"
	TaxRuleChange    Action = "tax_rule.change"
	TaxRuleDelete    Action = "tax_rule.delete"
	DiscountCreate   Action = "discount.create"
	DiscountChange   Action = "discount.change"
	DiscountDelete   Action = "discount.delete"
	WarehouseCreate  Action = "warehouse.create"
	WarehouseChange  Action = "warehouse.change"
	WarehouseDelete  Action = "warehouse.delete"
	CatalogImport    Action = "catalog.import"
)

// OfAccounts are the actions in the log of an account.
var OfAccounts = []Action{
	Register, SignIn, SignInFailed, SignOut, SignOutElsewhere, ConfirmAddress, TwoFactorOn, TwoFactorOff, NewRecoveryCodes,
	PasswordChange, PasswordForgotten, PasswordReset, TokenCreate, TokenDelete, PlanChange, StoreCreate, StoreClone, StoreImport, StoreDelete,
}

// OfStores are the actions in the log of a store.
var OfStores = []Action{
	StoreCreate, StoreClone, StoreImport, SettingsChange, MemberAdd, MemberChange, MemberRemove, WebhookCreate, WebhookChange, WebhookDelete,
	DomainConnect, DomainVerify, DomainCertify, DomainDisconnect, DomainBuy, DomainRenew, DomainAutoRenew, RecordCreate, RecordChange, RecordDelete,
	ThemeCreate, ThemeChange, ThemeDelete, TaxRuleCreate, TaxRuleChange, TaxRuleDelete, DiscountCreate, DiscountChange, DiscountDelete,
	WarehouseCreate, WarehouseChange, WarehouseDelete, CatalogImport,
}
