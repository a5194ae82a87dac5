package storefront

import (
	"container/list"
	"errors"
	"net/http"
	"sync"
)

// maxKept is how many bytes of pages are kept at most.
const maxKept = 56 << 20

// aside is what a page takes beside its key and its content: about as much.
const aside = 600

// keeper keeps pages, those that were asked for last. It is safe for concurrent use.
type keeper struct {
	mu      sync.Mutex
	pages   map[pageKey]*list.Element // of entry
	order   list.List                 // the one asked for last is the first
	bytes   int
	drawing map[pageKey]*drawing
}

// pageKey names a page in one of its forms.
type pageKey struct {
	page   string
	packed bool
}

// entry is a page in the keeper's list.
type entry struct {
	key pageKey
	*keptPage
}

// drawing is a page on its way. Whoever else wants it waits.
type drawing struct {
	done  chan struct{}
	page  *keptPage
	other *recorded // an answer that is not kept
	err   error
}

// errNotDrawn is what others hear who wait for a page whose drawing has panicked.
var errNotDrawn = errors.New("the page was not drawn")

func newKeeper() *keeper {
	return &keeper{pages: map[pageKey]*list.Element{}, drawing: map[pageKey]*drawing{}}
}

// find returns the page with the key.
func (k *keeper) find(key pageKey) *keptPage {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.lookUp(key)
}

func (k *keeper) lookUp(key pageKey) *keptPage {
	at := k.pages[key]
	if at == nil {
		return nil
	}
	k.order.MoveToFront(at)
	return at.Value.(entry).keptPage
}

func (k *keeper) add(key pageKey, p *keptPage) {
	e := entry{key, p}
	k.pages[key] = k.order.PushFront(e)
	for k.bytes += e.size(); k.bytes > maxKept; {
		last := k.order.Remove(k.order.Back()).(entry)
		delete(k.pages, last.key)
		k.bytes -= last.size()
	}
}

func (e entry) size() int { return len(e.key.page) + len(e.body) + aside }

// get returns the page with the key, from its other form or by having it drawn.
func (k *keeper) get(key pageKey, draw func() (*recorded, error)) (*keptPage, *recorded, error) {
	k.mu.Lock()
	if p := k.lookUp(key); p != nil {
		k.mu.Unlock()
		return p, nil, nil
	}
	if d := k.drawing[key]; d != nil {
		k.mu.Unlock()
		<-d.done
		return d.page, d.other, d.err
	}
	d := &drawing{done: make(chan struct{}), err: errNotDrawn}
	k.drawing[key] = d
	known := k.lookUp(pageKey{key.page, !key.packed})
	k.mu.Unlock()
	defer func() { // also when it panics
		k.mu.Lock()
		delete(k.drawing, key)
		if d.page != nil {
			k.add(key, d.page)
		}
		k.mu.Unlock()
		close(d.done)
	}()
	d.make(key.packed, known, draw)
	return d.page, d.other, d.err
}

// make has a page that is known in the other form only, or not at all.
func (d *drawing) make(packed bool, known *keptPage, draw func() (*recorded, error)) {
	if known != nil {
		d.page, d.err = known.inOtherForm()
		return
	}
	d.other, d.err = draw()
	if d.err != nil || d.other.status != http.StatusOK {
		return
	}
	if d.page, d.other = d.other.keep(), nil; packed {
		d.page, d.err = d.page.inOtherForm()
	}
}
