package logs

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// An ID names an event for good: programs filter by it, and people look it up. It is
// written as "ZA" and four digits, of which the first two are the area. The number of
// an event that no longer happens is not given away again.
type ID uint16

// eventKey is the name of the field with the ID.
const eventKey = "event"

// String is the ID as it is written: "ZA0101".
func (id ID) String() string { return fmt.Sprintf("ZA%04d", uint16(id)) }

// ParseID reads an ID as String writes it, in either case.
func ParseID(s string) (ID, bool) {
	digits, ok := strings.CutPrefix(strings.ToUpper(s), "ZA")
	n, err := strconv.ParseUint(digits, 10, 16)
	return ID(n), ok && err == nil && len(digits) == 4
}

// An Entry of the catalogue explains an event.
type Entry struct {
	ID      ID
	Level   Level
	Title   string // what is logged: lower case, no period
	Meaning string // what has happened, and what follows from it; sentences
	Cause   string // why that happens
	Remedy  string // what to do about it
}

// Catalogue is a set of entries, each with its own ID.
type Catalogue struct {
	byID map[ID]Entry
	list []Entry
}

// NewCatalogue makes one of entries. It panics if two have one ID or if an entry is
// incomplete, since that is a mistake in a table of the program.
func NewCatalogue(entries ...Entry) *Catalogue {
	c := &Catalogue{byID: make(map[ID]Entry, len(entries)), list: slices.Clone(entries)}
	slices.SortFunc(c.list, func(a, b Entry) int { return cmp.Compare(a.ID, b.ID) })
	for _, e := range entries {
		if why := e.flaw(); why != "" {
			panic(fmt.Sprintf("logs: event %v: %s", e.ID, why))
		}
		if _, twice := c.byID[e.ID]; twice {
			panic(fmt.Sprintf("logs: event %v stands twice in the table", e.ID))
		}
		c.byID[e.ID] = e
	}
	return c
}

// flaw says what is wrong with an entry.
func (e Entry) flaw() string {
	switch {
	case e.ID < 100 || e.ID > 9999:
		return "the ID must be 100 to 9999"
	case e.Level < Trace || e.Level > Error:
		return "no level"
	case e.Title == "" || e.Meaning == "" || e.Cause == "" || e.Remedy == "":
		return "title, meaning, cause and remedy must be there"
	case strings.HasSuffix(e.Title, ".") || strings.ContainsAny(e.Title, "\n\t"):
		return "the title must be one line without a period"
	}
	return ""
}

// Lookup returns the entry of an ID.
func (c *Catalogue) Lookup(id ID) (Entry, bool) {
	e, ok := c.byID[id]
	return e, ok
}

// Entries returns all, in the order of their IDs. They may not be changed.
func (c *Catalogue) Entries() []Entry { return c.list }

// Events is the catalogue that Log and Limited write from.
var Events = NewCatalogue(table...)

// entry returns what is known of an ID; one that the table does not have is logged as
// a warning nevertheless.
func entry(id ID) Entry {
	if e, ok := Events.Lookup(id); ok {
		return e
	}
	return Entry{ID: id, Level: Warn, Title: "event without an entry"}
}

// Log writes an event of the catalogue, with its level and title.
func (l Logger) Log(id ID, fields ...Field) {
	if l.to == nil {
		return
	}
	e := entry(id)
	l.to.write(2, e.Level, e.Title, id, fields)
}
