// Vue Router: guards, redirects, aliases, transitions, keep-alive, titles set after each navigation.
// Below /vue/hash/ the same app routes by the fragment.
import { createApp, nextTick, onMounted, ref } from 'vue'
import { createRouter, createWebHashHistory, createWebHistory } from 'vue-router'

const page = (title, template = '') => ({
  template: `<main><h1>${title}</h1>${template}</main>`
})
const byHash = location.pathname.startsWith('/vue/hash')

const router = createRouter({
  history: byHash ? createWebHashHistory('/vue/hash/') : createWebHistory('/vue/'),
  routes: [
    { path: '/', component: page('Home'), meta: { title: 'Home' } },
    { path: '/team', component: page('Team'), meta: { title: 'Team' } },
    { path: '/team/:id', component: page('Member {{ $route.params.id }}'), meta: { title: 'Member' } },
    { path: '/crew', redirect: '/team' },
    { path: '/us', alias: '/we', component: page('We'), meta: { title: 'We' } },
    { path: '/account', component: page('Account'), meta: { title: 'Account', user: true } },
    { path: '/login', component: page('Log in'), meta: { title: 'Log in' } },
    { path: '/forbidden', component: page('Forbidden'), beforeEnter: () => false },
    { path: '/lazy', component: () => new Promise(done => setTimeout(done, 60, page('Lazy'))), meta: { title: 'Lazy' } },
    {
      path: '/search',
      component: page('Search', '<p>For {{ $route.query.q }}</p><button @click="$router.push({ query: { q: \'bread\' } })">Bread</button>'),
      meta: { title: 'Search' }
    },
    { path: '/:rest(.*)*', component: page('Not found'), meta: { title: 'Not found' } }
  ],
  scrollBehavior: (to, from, saved) => saved || { top: 0 }
})
router.beforeEach(to => to.meta.user ? { path: '/login', query: { next: to.fullPath } } : true)
router.afterEach(to => nextTick(() => { document.title = to.meta.title }))

createApp({
  template: `
    <nav>
      <router-link to="/">Home</router-link> <router-link to="/team">Team</router-link>
      <router-link to="/team/7">Ada</router-link> <router-link to="/team/8">Grace</router-link>
      <router-link to="/crew">Crew</router-link> <router-link to="/we">We</router-link>
      <router-link to="/account">Account</router-link> <router-link to="/forbidden">Forbidden</router-link>
      <router-link to="/lazy">Lazy</router-link> <router-link to="/search?q=milk">Search</router-link>
      <router-link to="/nowhere">Nowhere</router-link> <router-link to="/team" replace>Replace</router-link>
      <button data-liveinsight-event="signup" :data-liveinsight-props="JSON.stringify({ plan })">Sign up</button>
    </nav>
    <router-view v-slot="{ Component }">
      <transition mode="out-in"><keep-alive><component :is="Component" /></keep-alive></transition>
    </router-view>
    <footer>{{ ready }}</footer>`,
  setup() {
    const ready = ref('')
    onMounted(() => { ready.value = 'Ready' })
    return { ready, plan: 'pro' }
  }
}).use(router).mount('#app')
