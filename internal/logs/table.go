package logs

// The events. The areas: 01 authentication, 02 certificates, 03 discovery.
const (
	AuthMalformed    ID = 101
	AuthPanicked     ID = 102
	AuthWithdrawn    ID = 103
	PasswordsStale   ID = 104
	PasswordsLoaded  ID = 105
	PasswordsExposed ID = 106

	CertSkipped    ID = 201
	CertLoaded     ID = 202
	CertNoNotices  ID = 203
	CertNoticeLost ID = 204
)

// table is the catalogue. An entry that is added here needs nothing else.
var table = []Entry{
	{AuthMalformed, Warn, "authentication request malformed",
		"A request to the authenticator did not follow ZAP (RFC 27). It was answered with a refusal.",
		"Another program speaks to inproc://zeromq.zap.01, or a socket library has a fault.",
		"Find out who else uses the context's authenticator."},
	{AuthPanicked, Error, "password store panicked",
		"The store that was asked for a password panicked. The client was told to try again.",
		"A fault in the store, which is the program's own code.",
		"The field says what the panic was; mend the store."},
	{AuthWithdrawn, Info, "permission withdrawn",
		"Connections were closed, because the rules that let them in no longer do.",
		"The rules, the certificates or the passwords were changed.",
		"None, if the change was meant."},
	{PasswordsStale, Warn, "password file can't be read",
		"What was read from the file before counts on.",
		"The file was moved, its mode is not safe, or its content is malformed.",
		"The error names the line or the rule; mend the file, it is read again by itself."},
	{PasswordsLoaded, Info, "password file was read",
		"The file has changed; the new passwords count from now on.",
		"It was written.", "None."},
	{PasswordsExposed, Warn, "password file can be read by others",
		"The file is used all the same, but its passwords are in the clear for others on this host.",
		"Its mode lets the group or everyone read it.",
		"Take these rights away: chmod 600."},
	{CertSkipped, Warn, "certificate skipped",
		"A file of the store was not taken; clients with that key are refused.",
		"The file is malformed, its mode is not safe, or its key stands twice.",
		"The error names the rule; mend the file, it is read again by itself."},
	{CertLoaded, Info, "certificates were read",
		"The folder has changed; what it holds now counts.",
		"A file was written or removed.", "None."},
	{CertNoNotices, Warn, "certificate folder is only polled",
		"The system tells nothing about changes of the folder, so it is looked at from time to time; a change counts later.",
		"The file system has no notices, or the system's limit of watches is reached.",
		"Raise the limit (Linux: fs.inotify.max_user_instances), or live with the delay."},
	{CertNoticeLost, Debug, "certificate notices were lost",
		"The folder was read again in full.",
		"Very many changes at once.", "None."},
}
