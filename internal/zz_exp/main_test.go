package exp
import ("testing";"database/sql";"fmt";"time";"math/rand"
_ "modernc.org/sqlite")
func TestX(t *testing.T){
 for _, variant := range []string{"content","contentless"} {
 d,_:=sql.Open("sqlite","file:"+t.TempDir()+"/x.db?_pragma=journal_mode(WAL)")
 d.SetMaxOpenConns(1)
 var v string; d.QueryRow("select sqlite_version()").Scan(&v); 
 opt:=""
 if variant=="contentless" {opt=", content='', contentless_delete=1, contentless_unindexed=1"}
 _,err:=d.Exec("CREATE VIRTUAL TABLE s USING fts5(store, product_id UNINDEXED, text, tokenize='trigram case_sensitive 1'"+opt+")")
 if err!=nil{t.Fatal(err)}
 const stores=100; const n=300000
 t0:=time.Now()
 tx,_:=d.Begin()
 st,_:=tx.Prepare("INSERT INTO s(rowid,store,product_id,text) VALUES($1,$2,$3,$4)")
 for i:=0;i<n;i++{
  s:=i%stores
  tok:=string([]rune{rune(0xF0000+s),rune(0xF0100+s),rune(0xF0200+s)})
  word:="common shirt"
  if i%1000==7 {word="rare zebra"}
  var id [16]byte; rand.Read(id[:])
  if _,err:=st.Exec(rand.Int63()>>1,tok,id[:],fmt.Sprintf("product number %d %s\nfixture & sons\nsku-%d",i,word,i));err!=nil{t.Fatal(err)}
 }
 tx.Commit()
 fmt.Println(v,variant,"insert",time.Since(t0))
 var pc,ps int; d.QueryRow("pragma page_count").Scan(&pc); d.QueryRow("pragma page_size").Scan(&ps); fmt.Println("MB",pc*ps>>20)
 q:=func(m string){ t0:=time.Now(); var c,l int; err:=d.QueryRow("SELECT count(*), sum(length(product_id)) FROM s WHERE s MATCH $1",m).Scan(&c,&l); fmt.Println(m,c,l,err,time.Since(t0)) }
 tok:=string([]rune{rune(0xF0000+7),rune(0xF0100+7),rune(0xF0200+7)})
 q(`"shirt"`)
 q(`text : "shirt"`)
 q(`store : "`+tok+`" AND text : "shirt"`)
 q(`text : "shirt" AND store : "`+tok+`"`)
 q(`store : "`+tok+`" AND text : "common shirt"`)
 q(`store : "`+tok+`" AND text : "zebra"`)
 q(`store : "`+tok+`" AND text : "zéb""ra*"`)
 q(`store : "`+tok+`"`)
 // replace & delete
 var rid int64; var id []byte
 d.QueryRow("SELECT rowid, product_id FROM s WHERE s MATCH $1",`store : "`+tok+`" AND text : "zebra"`).Scan(&rid,&id)
 _,err=d.Exec("INSERT OR REPLACE INTO s(rowid,store,product_id,text) VALUES($1,$2,$3,$4)",rid,tok,id,"giraffe zzz")
 fmt.Println("replace",err)
 q(`store : "`+tok+`" AND text : "zebra"`)
 q(`store : "`+tok+`" AND text : "giraffe"`)
 _,err=d.Exec("DELETE FROM s WHERE rowid=$1",rid)
 fmt.Println("delete",err)
 q(`store : "`+tok+`" AND text : "giraffe"`)
 d.Close()
 }
}
