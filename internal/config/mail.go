package config

// Mail are the settings of mail: which server takes it, and who it is from.
type Mail struct {
	SMTPURL   string
	MailFrom  string
	PublicURL string
}

func (m *Mail) table() []setting {
	return []setting{
		{name: "smtp_url", fallback: "", help: "the mail server, such as smtp://user:password@mail.example:587 or smtps://…:465; empty: mails are kept and not sent", secret: true, set: text(&m.SMTPURL)},
		{name: "mail_from", fallback: "", help: "who mails are from; empty: no-reply at the platform's name", set: text(&m.MailFrom)},
		{name: "public_url", fallback: "", help: "where the platform is, for links in mails; empty: https:// and its name", set: text(&m.PublicURL)},
	}
}
